//! After a promotion: which version of the registered model is the champion.

use super::client::Server;
use super::error::{During, Fault, MlflowError};
use super::{MODEL, registry};

/// Moves the alias `champion` to the version that holds the artifact with this hash, and takes the alias `challenger`
/// from it; gives the version's number. May be done twice.
pub(crate) fn crown(server: &Server, sha256: &str) -> Result<String, MlflowError> {
    let version = server
        .again(|| registry::find(server, sha256))
        .and_then(|found| found.ok_or(Fault::NoVersion { model: MODEL }))
        .during("finding the model's version")?;
    registry::point(server, "champion", &version).during("moving the alias champion")?;
    registry::withdraw(server, "challenger", &version).during("removing the alias challenger")?;
    Ok(version.to_string())
}
