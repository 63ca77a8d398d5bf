//! The feature `serde`: names, both ways.
#![cfg(feature = "serde")]

use routescope_core::{BadPath, Method, PathRule, Reason, path};
use serde_json::{from_value, json, to_value};

#[test]
fn names_are_strings() {
    for method in Method::ALL {
        assert_eq!(to_value(method).unwrap(), json!(method.as_str()));
        assert_eq!(
            from_value::<Method>(json!(method.as_str())).unwrap(),
            method
        );
    }
    for reason in Reason::ALL {
        assert_eq!(to_value(reason).unwrap(), json!(reason.as_str()));
        assert_eq!(
            from_value::<Reason>(json!(reason.as_str())).unwrap(),
            reason
        );
    }
    for rule in PathRule::ALL {
        assert_eq!(to_value(rule).unwrap(), json!(rule.as_str()));
        assert_eq!(from_value::<PathRule>(json!(rule.as_str())).unwrap(), rule);
    }
    let unknown = from_value::<Method>(json!("get")).unwrap_err();
    assert!(unknown.to_string().contains("none of GET"), "{unknown}");
    assert!(from_value::<Reason>(json!(1)).is_err());
}

#[test]
fn a_bad_path_has_rule_and_offset() {
    let bad: BadPath = path::check(b"/a/../b").unwrap_err();
    assert_eq!(
        to_value(bad).unwrap(),
        json!({"rule": "dot_segment", "at": 3})
    );
}
