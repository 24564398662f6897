//! The binary: configuration, log lines, and then the function on a socket or behind the Lambda runtime.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use churn_predict::{
    App, Config, Log, Sources, champion, compiled, healthcheck, is_lambda, run_on_lambda, serve,
    start_telemetry,
};

const USAGE: &str = "\
usage: churn-predict              serve on $PORT (8080), or as a Lambda function where its runtime is present
       churn-predict healthcheck  ask the function on $PORT whether it is ready; exit status 0 or 1
       churn-predict --version";

/// Longest wait for the reader of the log when the function leaves: what is left of the platform's ten seconds.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Turns of tasks between two looks at the sockets.
const EVENT_INTERVAL: u32 = 4;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        // SageMaker starts every container with `serve`.
        [] | ["serve"] => start(),
        ["healthcheck"] => check_health(),
        ["--version"] => {
            println!("churn-predict {} with model {}", env!("CARGO_PKG_VERSION"), champion().version);
            ExitCode::SUCCESS
        }
        ["--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => fail(2, &format!("unknown arguments: {}\n{USAGE}", arguments.join(" "))),
    }
}

fn start() -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return fail(2, &error.to_string()),
    };
    let models = compiled();
    if let Err(error) = models.check(&config) {
        return fail(2, &error.to_string());
    }
    let log = match Log::stdout() {
        Ok(log) => log,
        Err(error) => return fail(1, &format!("stdout cannot be used: {error}")),
    };
    start_telemetry(config.log_level, log.clone());
    let port = config.port;
    let app = App::logging(models, config, Sources::real(), log.clone());
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("the runtime cannot start: {error}")),
    };
    let result = runtime.block_on(async {
        if is_lambda() {
            return run_on_lambda(app)
                .await
                .map_err(|error| format!("the Lambda runtime cannot be reached: {error}"));
        }
        let serving = serve(app, port, |address| announce(address.port()));
        serving.await.map_err(|error| format!("cannot serve on port {port}: {error}"))
    });
    // Requests that were cut off are told of when their tasks go, and that has to be before the log's end.
    drop(runtime);
    log.flush(LAST_LINES);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(1, &message),
    }
}

/// One thread starts faster than several, and a fraction of a core is all that a small instance has. It looks at sockets
/// after a few turns, not after 61: a turn of a stream scores many rows, and others wait.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().event_interval(EVENT_INTERVAL).build()
}

/// Says where to look: a log line always, and plain words where a person started the function.
fn announce(port: u16) {
    tracing::info!(port, model_version = champion().version, "serving");
    if std::io::stderr().is_terminal() {
        eprintln!("churn predictions on http://localhost:{port}/ (open it in a browser; Ctrl-C ends it)");
    }
}

fn check_health() -> ExitCode {
    let port = match Config::from_env() {
        Ok(config) => config.port,
        Err(error) => return fail(2, &error.to_string()),
    };
    match healthcheck(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("not ready on port {port}: {error}")),
    }
}

fn fail(status: u8, message: &str) -> ExitCode {
    eprintln!("churn-predict: {message}");
    ExitCode::from(status)
}
