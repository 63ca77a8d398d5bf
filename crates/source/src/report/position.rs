//! Positions in rendered messages whose source line is cut.

/// Marks the end of a position that counts from the start of the file. The renderer appends
/// one that counts from the start of the part of the line that it is given. No message
/// contains this byte.
pub(super) const POSITION_END: char = '\0';

/// Removes each mark and the position that the renderer appended to it.
pub(super) fn keep_file_positions(rendered: &str) -> String {
    let mut out = String::with_capacity(rendered.len());
    let mut parts = rendered.split(POSITION_END);
    out.extend(parts.next());
    for part in parts {
        out.push_str(part.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
    }
    out
}
