//! Targets that keep path rules 1 to 6, and targets that break one.

use crate::oracle::well_formed;

#[test]
fn limits_are_inclusive() {
    let fine = |target: &str| well_formed(target.as_bytes()).is_some();
    let segments = |count: usize| "/a".repeat(count);

    assert!(fine(&segments(32)));
    assert!(fine(&(segments(32) + "/")));
    assert!(!fine(&segments(33)));

    assert!(fine(&format!("/{}", "a".repeat(255))));
    assert!(!fine(&format!("/{}", "a".repeat(256))));
    assert!(fine(&format!("/{}", "%21".repeat(255)))); // an escape is one byte
    assert!(!fine(&format!("/{}", "%21".repeat(256))));

    let path_of = |length: usize| {
        let mut path = format!("/{}", "a".repeat(255)).repeat(7);
        path += "/";
        path += &"%21".repeat(80);
        path += "/";
        path += &"a".repeat(length - path.len());
        path
    };
    assert!(fine(&path_of(2048)));
    assert!(!fine(&path_of(2049)));
    assert!(fine(&format!("{}?{}", path_of(2048), "q".repeat(6143))));
    assert!(!fine(&format!("{}?{}", path_of(2048), "q".repeat(6144))));
}

#[test]
fn every_byte_raw_and_escaped() {
    for byte in 0..=u8::MAX {
        let raw = [b"/x".as_slice(), &[byte], b"x"].concat();
        // `/` and `?` end the segment, the rest stands in it.
        let raw_ok = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@/?".contains(&byte);
        assert_eq!(well_formed(&raw).is_some(), raw_ok, "{byte:02X} raw");

        let query = [b"/x?".as_slice(), &[byte]].concat();
        let query_ok = (0x21..=0x7E).contains(&byte) && byte != b'#';
        assert_eq!(well_formed(&query).is_some(), query_ok, "{byte:02X} query");

        let escape_ok = b" !\"$&'()*+,:<=>@[]^`{|}~".contains(&byte);
        for escape in [format!("/x%{byte:02X}x"), format!("/x%{byte:02x}x")] {
            assert_eq!(
                well_formed(escape.as_bytes()).is_some(),
                escape_ok,
                "{escape}"
            );
        }
    }
}

#[test]
fn look_alikes_are_refused() {
    let refused = |c: char| {
        let bytes = c.to_string().into_bytes();
        let escapes: Vec<String> = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        well_formed(format!("/x{}x", escapes.concat()).as_bytes()).is_none()
    };
    // Both ends of a few ranges of the file, their neighbours outside, and every plane's last two.
    for c in "\u{80}\u{9F}\u{A0}\u{AD}\u{2000}\u{200F}\u{2215}\u{E000}\u{F8FF}\u{FDD0}\u{FDEF}\
              \u{FF00}\u{FFEF}\u{FFFE}\u{FFFF}\u{1FFFE}\u{1FFFF}\u{E0FFF}\u{F0000}\u{FFFFE}\u{10FFFD}\u{10FFFF}"
        .chars()
    {
        assert!(refused(c), "{:04X}", u32::from(c));
    }
    for c in "\u{A1}\u{AC}\u{AE}\u{FC}\u{1FFF}\u{2010}\u{2023}\u{2027}\u{2030}\u{205E}\u{3001}\
              \u{F900}\u{FDCF}\u{FDF0}\u{FFFC}\u{FFFD}\u{10000}\u{1F600}\u{E1000}\u{EFFFD}"
        .chars()
    {
        assert!(!refused(c), "{:04X}", u32::from(c));
    }
}

#[test]
fn malformed_targets() {
    for target in [
        "",
        "a",
        "*",
        "//",
        "/a//",
        "//a",
        "/a//b",
        "/.",
        "/..",
        "/.../",
        "/a./b",
        "/a.",
        "/%20a",
        "/a%20/",
        "/%20",
        "/%",
        "/%2",
        "/%2g",
        "/%+1",
        "/%C3",
        "/%C3/%BC",
        "/%C3a%BC",
        "/%C0%AF",
        "/%ED%A0%80",
        "/a?#",
        "/a#",
    ] {
        assert_eq!(well_formed(target.as_bytes()), None, "{target}");
    }
    for (target, segments, slash) in [
        ("/", vec![], true),
        ("/?", vec![], true),
        ("/a", vec!["a"], false),
        ("/a/", vec!["a"], true),
        ("/a/.b/c%20d?/../", vec!["a", ".b", "c%20d"], false),
        ("/%7E/%7e/~/*", vec!["%7E", "%7e", "~", "*"], false),
    ] {
        let segments: Vec<String> = segments.into_iter().map(String::from).collect();
        assert_eq!(
            well_formed(target.as_bytes()),
            Some((segments, slash)),
            "{target}"
        );
    }
}
