//! The certificates of all listeners, which are read again when a file changes and on SIGHUP.

#[cfg(feature = "tls")]
use std::sync::Arc;

use crate::config::Place;
use crate::message::Failure;
#[cfg(feature = "tls")]
use crate::message::say;
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// The certificates of all listeners.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    #[cfg(feature = "tls")]
    all: Vec<Arc<Tls>>,
}

/// The certificate of a listener, if it has one.
#[cfg(feature = "tls")]
pub(crate) type Certificate = Option<Arc<Tls>>;
#[cfg(not(feature = "tls"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate;

#[cfg(feature = "tls")]
impl Certificates {
    /// Reads the certificate of a place, whose peers speak a protocol.
    pub(crate) fn read(
        &mut self,
        place: &Place,
        protocol: &'static str,
    ) -> Result<Certificate, Failure> {
        let Some(files) = &place.tls else {
            return Ok(None);
        };
        let tls = Tls::read(files.clone(), protocol);
        let tls = tls.map_err(|error| Failure::new(error.message(), error.help()))?;
        let tls = Arc::new(tls);
        self.all.push(Arc::clone(&tls));
        Ok(Some(tls))
    }

    /// Reads the certificates again: all, or those of which a file has changed. Says what comes of
    /// it. One that cannot be read stays in force.
    pub(crate) fn reload(&self, all: bool) {
        for tls in &self.all {
            let done = match all {
                true => Some(tls.reload()),
                false => tls.reload_if_changed(),
            };
            let file = tls.certificate().display();
            match done {
                Some(Ok(())) => say(format_args!("reloaded: the certificate {file}")),
                Some(Err(error)) => say(format_args!(
                    "error: the certificate {file} stays in force as it was: {error}"
                )),
                None => {}
            }
        }
    }
}

#[cfg(not(feature = "tls"))]
#[allow(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_ref_mut,
    reason = "as with TLS"
)]
impl Certificates {
    /// There is none to read.
    pub(crate) fn read(&mut self, _: &Place, _: &'static str) -> Result<Certificate, Failure> {
        Ok(Certificate)
    }

    /// There is none to read again.
    pub(crate) fn reload(&self, _: bool) {}
}
