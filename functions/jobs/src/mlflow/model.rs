//! The folder that MLflow loads: the ONNX graph, and the files by which MLflow knows what to do with it.
//!
//! Its `python_function` takes the eight features as doubles, coded, in any order of the columns: without a signature
//! that names them, columns in another order would be scored wrongly without a sign.

use std::borrow::Cow;

use churn::FEATURES;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::artifacts::File;
use super::error::Fault;
use super::run::Run;

/// The folder below a run's artifacts.
pub(super) const FOLDER: &str = "model";

/// What the folder was tried with, by `.ci/real/mlflow`.
const MLFLOW: &str = "3.17.2";
const PACKAGES: [&str; 4] = ["numpy==2.4.6", "onnx==1.23.2", "onnxruntime==1.32.0", "pandas"];
const PYTHON: &str = "3.11";

/// The files, `MLmodel` last: where it is, the folder is whole.
pub(super) fn files<'a>(run: &Run, sha256: &str, onnx: &'a [u8]) -> Result<Vec<File<'a>>, Fault> {
    let file = |name: &str, bytes: Cow<'a, [u8]>| File { path: format!("{FOLDER}/{name}"), bytes };
    let text = |name: &str, text: String| file(name, Cow::Owned(text.into_bytes()));
    Ok(vec![
        file("model.onnx", Cow::Borrowed(onnx)),
        text("requirements.txt", requirements("", "\n")),
        text("conda.yaml", conda()),
        text("python_env.yaml", python_env()),
        text("MLmodel", mlmodel(run, sha256)?),
    ])
}

/// `MLmodel`: a function of the run and of the artifact, so that a repeated upload is the same bytes.
fn mlmodel(run: &Run, sha256: &str) -> Result<String, Fault> {
    let start = OffsetDateTime::from_unix_timestamp_nanos(i128::from(run.start) * 1_000_000).ok();
    let created = start.and_then(|start| start.format(&Rfc3339).ok());
    let created = created.ok_or(Fault::Start { found: run.start })?;
    let inputs = FEATURES.map(|field| json!({"type": "double", "name": field.name(), "required": true}));
    let outputs = [json!({"type": "float", "name": "churn_probability", "required": true})];
    // A text in single quotes ends at the next one; names of features hold none.
    Ok(format!(
        "artifact_path: {FOLDER}\n\
         flavors:\n  \
           onnx:\n    \
             code: null\n    \
             data: model.onnx\n    \
             onnx_session_options: null\n    \
             onnx_version: 1.23.2\n    \
             providers:\n    \
             - CPUExecutionProvider\n  \
           python_function:\n    \
             data: model.onnx\n    \
             env:\n      \
               conda: conda.yaml\n      \
               virtualenv: python_env.yaml\n    \
             loader_module: mlflow.onnx\n    \
             python_version: {PYTHON}.7\n\
         mlflow_version: {MLFLOW}\n\
         model_uuid: {}\n\
         run_id: {}\n\
         signature:\n  \
           inputs: '{}'\n  \
           outputs: '{}'\n  \
           params: null\n\
         utc_time_created: '{created}'\n",
        &sha256[..32.min(sha256.len())],
        run.id,
        json!(inputs),
        json!(outputs),
    ))
}

/// The packages, one a line.
fn requirements(before: &str, after: &str) -> String {
    [&format!("mlflow=={MLFLOW}")]
        .into_iter()
        .map(String::as_str)
        .chain(PACKAGES)
        .map(|package| format!("{before}{package}{after}"))
        .collect()
}

fn conda() -> String {
    format!(
        "channels:\n- conda-forge\ndependencies:\n- python={PYTHON}\n- pip\n- pip:\n{}name: mlflow-env\n",
        requirements("  - ", "\n")
    )
}

fn python_env() -> String {
    format!(
        "python: {PYTHON}.7\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n"
    )
}
