//! A server that most tests have.

use crate::keys::write_keys;
use crate::server::{Server, folder};

/// A server with a TCP listener `edge`, a unix one `local` (`gateway.sock` in its folder) and the
/// admin listener, and a key that may read colleagues. `more` are further fields of the
/// configuration.
pub(crate) fn start(more: &str) -> (Server, String) {
    let folder = folder();
    let [key] = write_keys(
        &folder.path().join("keys.yaml"),
        [("front-desk", &["colleagues:read"])],
    );
    let socket = folder.path().join("gateway.sock");
    let socket = socket.display();
    let config = format!(
        "keys: keys.yaml\n\
         admin: {{ address: \"127.0.0.1:0\" }}\n\
         listeners:\n\
         - {{ gateway: nginx, name: edge, address: \"127.0.0.1:0\" }}\n\
         - {{ gateway: nginx, name: local, address: \"unix:{socket}\" }}\n\
         {more}\n"
    );
    (Server::start(folder, &config), key)
}
