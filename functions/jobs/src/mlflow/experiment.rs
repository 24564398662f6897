//! The experiment that all training runs stand in.

use serde::Deserialize;
use serde_json::json;

use super::EXPERIMENT;
use super::client::Server;
use super::error::Fault;
use super::run::Id;

/// An experiment that is there.
pub(super) struct Experiment {
    pub(super) id: Id,
}

#[derive(Deserialize)]
struct Answer {
    experiment: Found,
}

#[derive(Deserialize)]
struct Found {
    experiment_id: Id,
    lifecycle_stage: String,
}

#[derive(Deserialize)]
struct Created {
    experiment_id: Id,
}

/// Finds the experiment by its name, and makes it where there is none.
pub(super) fn find_or_create(server: &Server) -> Result<Experiment, Fault> {
    server.again(|| match find(server) {
        Err(fault) if fault.is_absent() => match create(server) {
            // Another training was quicker, or an answer was lost on its way.
            Err(fault) if fault.is_duplicate() => find(server),
            result => result,
        },
        result => result,
    })
}

fn find(server: &Server) -> Result<Experiment, Fault> {
    let Answer { experiment } =
        server.get_once("experiments/get-by-name", &[("experiment_name", EXPERIMENT)])?;
    if experiment.lifecycle_stage != "active" {
        return Err(Fault::DeletedExperiment { name: EXPERIMENT });
    }
    Ok(Experiment { id: experiment.experiment_id })
}

fn create(server: &Server) -> Result<Experiment, Fault> {
    let Created { experiment_id: id } =
        server.post_once("experiments/create", &json!({"name": EXPERIMENT}))?;
    Ok(Experiment { id })
}
