//! The header `Host` (RFC 9112, section 3.2), and the names under which this server answers.
//!
//! A web page can have its own name lead to this machine (DNS rebinding), and then reach a server on a loopback address
//! as if it were the page's own. What such a request tells is its name: so on loopback only names of loopback are
//! answered, unless the operator adds others.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
};

use axum::extract::{ConnectInfo, Request};
use axum::http::{Version, header::HOST, uri::Authority};
use axum::response::Response;
use futures_util::future::Either;
use tower::Service;
use url::Host;

use super::accept::MediaType;
use super::rejection::Rejection;
use super::request_id::RequestId;
use crate::error::ErrorCode;

/// Paths that are answered under any name: probes ask by the address of a machine, and learn nothing but a word.
const ANY_HOST: [&str; 2] = ["/livez", "/readyz"];

/// The names under which the server answers; all by default.
#[derive(Clone, Debug, Default)]
pub struct Hosts(Option<Arc<[String]>>);

/// A text that is not the name of a host.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the name of a host: give `contacts.example.com`, without a scheme, a port or a `*`")]
pub struct InvalidHost(String);

impl Hosts {
    /// Returns the names for a server that listens on an address. Names of loopback are always among them; all are, if
    /// none is given and the address is not on loopback.
    ///
    /// # Errors
    /// One of them is not a name.
    pub fn new<T: AsRef<str>>(names: &[T], listen: IpAddr) -> Result<Self, InvalidHost> {
        let names = names.iter().map(|name| {
            let name = name.as_ref().trim();
            Some(name)
                .filter(|name| !name.contains('*'))
                .and_then(normal)
                .ok_or_else(|| InvalidHost(name.to_owned()))
        });
        let names = names.collect::<Result<Arc<[_]>, _>>()?;
        let is_open = names.is_empty() && !listen.to_canonical().is_loopback();
        Ok(Self((!is_open).then_some(names)))
    }

    /// Refuses a request of HTTP/1.1 that came by a connection without exactly one `Host`: a proxy before this server may
    /// have read it as a request for another host. Also refuses names that are not answered.
    fn check(&self, request: &Request) -> Result<(), Rejection> {
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            return Ok(());
        }
        let hosts = request.headers().get_all(HOST);
        if request.version() >= Version::HTTP_11 && hosts.iter().count() != 1 {
            return Err(Rejection::bad_request("The request needs the header `Host`, once."));
        }
        if ANY_HOST.contains(&request.uri().path()) {
            return Ok(());
        }
        // A target may name a host too; both count, as it is not known which of them a proxy has read.
        let of_headers = hosts.iter().map(|host| host.to_str().unwrap_or_default());
        let of_target = request.uri().authority().map(Authority::as_str);
        if of_headers.chain(of_target).all(|host| self.answers(host)) {
            return Ok(());
        }
        let message =
            "This server is not known under the name in `Host`. Its operator can add the name with `--host`.";
        Err(Rejection::new(ErrorCode::MisdirectedRequest, message))
    }

    /// Returns true for a name that is answered, whatever its port.
    fn answers(&self, host: &str) -> bool {
        let Some(names) = &self.0 else {
            return true;
        };
        let authority = host.parse::<Authority>().ok().filter(|authority| !authority.as_str().contains('@'));
        let name = authority.and_then(|authority| normal(authority.host()));
        name.is_some_and(|name| is_loopback(&name) || names.contains(&name))
    }
}

/// Returns a name in the form in which names are compared.
fn normal(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.contains(['/', '@', ' ']) {
        return None;
    }
    Host::parse(name).ok().map(|host| host.to_string())
}

fn is_loopback(name: &str) -> bool {
    match Host::parse(name) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Err(_) => false,
    }
}

/// Service that refuses requests for other hosts.
#[derive(Clone)]
pub(super) struct HostCheck<S> {
    pub(super) hosts: Hosts,
    pub(super) service: S,
}

impl<S> Service<Request> for HostCheck<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.hosts.check(&request) {
            Ok(()) => Either::Right(self.service.call(request)),
            Err(rejection) => {
                let id = RequestId::given(request.extensions(), request.headers());
                Either::Left(ready(Ok(rejection.answer(MediaType::Json, &id))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Hosts;

    const LOOPBACK: [&str; 9] = [
        "localhost",
        "LocalHost:8080",
        "localhost.",
        "app.localhost:1",
        "127.0.0.1",
        "127.9.9.9:8080",
        "[::1]",
        "[::1]:8080",
        "[::ffff:127.0.0.1]",
    ];
    const OTHERS: [&str; 9] = [
        "",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "notlocalhost",
        "localhost@evil.example",
        "0.0.0.0:8080",
        "192.168.0.1",
        "[::2]:8080",
    ];

    fn hosts(names: &[&str], listen: &str) -> Hosts {
        Hosts::new(names, listen.parse().expect("an address")).expect("names")
    }

    #[test]
    fn on_loopback_only_names_of_loopback_and_those_that_are_added_are_answered() {
        for listen in ["127.0.0.1", "127.0.0.2", "::1"] {
            let hosts = hosts(&["Contacts.Example."], listen);
            for name in LOOPBACK.into_iter().chain(["contacts.example", "CONTACTS.example.:443"]) {
                assert!(hosts.answers(name), "{name}");
            }
            for name in OTHERS.into_iter().chain(["a.contacts.example"]) {
                assert!(!hosts.answers(name), "{name}");
            }
        }
    }

    #[test]
    fn elsewhere_all_names_are_answered_unless_some_are_given() {
        let (all, some) = (hosts(&[], "0.0.0.0"), hosts(&["a.example"], "0.0.0.0"));
        for name in OTHERS {
            assert!(all.answers(name) && !some.answers(name), "{name}");
        }
        assert!(some.answers("a.example:1") && some.answers("localhost"));
    }

    #[test]
    fn only_a_name_is_a_host() {
        for name in ["", "*", "*.example.com", "http://a.example", "a.example:80", "a b", "a@b"] {
            assert!(Hosts::new(&[name], [127, 0, 0, 1].into()).is_err(), "{name}");
        }
    }
}
