//! Real gateways with the configurations of `gateways/`, the real server, and an API behind them.
//! `gateways/test` runs these tests. Each request is judged by `verdicts.rs`.

mod clients;
mod clock;
mod frames;
mod gateways;
mod grpc_relay;
mod http1;
mod http2;
mod outage;
#[path = "../../../tower/tests/it/path_cases.rs"]
mod path_cases;
mod paths;
mod process;
mod public;
mod recorder;
mod relay;
mod reload;
mod rig;
mod scopes;
mod sender;
mod server;
mod spoofed;
mod trailers;
mod unfinished;
mod unsafe_files;
mod upgrade;
mod verdicts;

#[test]
#[ignore = "needs what gateways/install installs"]
fn unsafe_configurations_are_caught() {
    unsafe_files::test();
}

#[test]
#[ignore = "needs what gateways/install installs"]
fn unfinished_requests_keep_no_thread_of_apache() {
    unfinished::test(&gateways::APACHE);
}

/// The tests of a gateway, in a module of its name.
macro_rules! tests {
    ($($module:ident: $gateway:expr;)*) => {$(
        mod $module {
            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn each_scope_opens_what_the_library_says() {
                crate::scopes::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn path_cases_arrive_as_they_were_decided() {
                crate::paths::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn headers_of_a_client_decide_nothing() {
                crate::spoofed::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn fields_of_http2_are_forwarded_as_they_were_decided() {
                crate::http2::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn public_routes_need_no_key() {
                crate::public::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn trailers_decide_nothing() {
                crate::trailers::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn upgrades_are_checked() {
                crate::upgrade::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn clients_can_tell_what_is_wrong() {
                crate::clients::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn keys_are_revoked_under_load() {
                crate::reload::test(&$gateway);
            }

            #[test]
            #[ignore = "needs what gateways/install installs"]
            fn nothing_passes_while_the_server_hangs_or_is_away() {
                crate::outage::test(&$gateway);
            }
        }
    )*};
}

tests! {
    nginx: crate::gateways::NGINX;
    envoy: crate::gateways::ENVOY;
    envoy_grpc: crate::gateways::ENVOY_GRPC;
    caddy: crate::gateways::CADDY;
    traefik: crate::gateways::TRAEFIK;
    haproxy: crate::gateways::HAPROXY;
    apache: crate::gateways::APACHE;
}
