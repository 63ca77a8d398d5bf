//! API keys: their hashes, the file that holds them, and new ones.

mod edit;
mod entry;
mod fields;
mod file;
mod generate;
mod hash;
mod moment;
mod problem;
mod read_entry;
mod scrub;
mod secret;
mod table;

pub use self::edit::{EditError, KeyFileText};
pub use self::entry::{KeyEntry, PreviousKey, StoredHash};
pub use self::file::KeyFile;
pub use self::generate::{DEFAULT_FORMAT, MIN_ENTROPY_BITS, NewKey, NewKeyError, entropy_bits};
pub use self::hash::{HashSecret, KeyHash};
pub use self::moment::{moment, moment_text};
pub use self::problem::{KeyFileError, KeyFileProblem};
pub(crate) use self::table::{Found, HeldSet, KeyTable, KeyTableError};
