//! Why a call gave no answer.

use super::tap::Heard;
use crate::models;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use std::error::Error;
use std::fmt;

/// What kind of a fault it is, and so what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Too many calls: slower.
    Throttled,
    /// The server or the way to it failed: again.
    Passing,
    /// The server knows no such call.
    Unsupported,
    /// It is not allowed.
    Denied,
    /// The credentials are none, or no longer any: nothing more can be asked of the account.
    Credentials,
    /// What was asked for is not there any more.
    Gone,
    /// Anything else.
    Other,
}

/// Why a call gave no answer.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub cause: Cause,
    /// Whether the server was never reached, or fell silent.
    pub unreached: bool,
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Fault {
    pub fn other(text: impl Into<String>) -> Self {
        Self { cause: Cause::Other, unreached: false, text: text.into() }
    }

    /// Judges the SDK's error by what the server sent.
    pub fn of<E>(error: &SdkError<E, HttpResponse>, heard: Option<&Heard>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (code, message) = (error.code().unwrap_or_default(), error.message());
        let text = match message {
            Some(message) if !code.is_empty() => format!("{code}: {message}"),
            _ if !code.is_empty() => code.to_owned(),
            _ => DisplayErrorContext(error).to_string(),
        };
        match error {
            SdkError::TimeoutError(_) => Self {
                cause: Cause::Passing,
                unreached: true,
                text: "the server did not answer in time".to_owned(),
            },
            SdkError::DispatchFailure(_) => {
                let credentials = is_of_credentials(error);
                let cause = if credentials { Cause::Credentials } else { Cause::Passing };
                Self { cause, unreached: !credentials, text: root_cause(error) }
            }
            SdkError::ConstructionFailure(_) => {
                Self { cause: Cause::Other, unreached: false, text: root_cause(error) }
            }
            _ => match heard {
                Some(heard) => Self::of_answer(code, text, heard),
                None => Self { cause: Cause::Passing, unreached: true, text: root_cause(error) },
            },
        }
    }

    /// Why there are no credentials to sign with.
    pub fn of_credentials(error: &CredentialsError) -> Self {
        Self { cause: Cause::Credentials, unreached: false, text: root_cause(error) }
    }

    fn of_answer(code: &str, text: String, heard: &Heard) -> Self {
        let cause = match cause_of_code(code) {
            Some(cause) => cause,
            None if heard.status == 429 => Cause::Throttled,
            None if code.is_empty() && is_page(&heard.body) => match heard.status {
                // A server that has no such call shows a page of its own.
                500 | 501 | 404 | 405 | 400 => Cause::Unsupported,
                _ => Cause::Passing,
            },
            None if heard.status == 501 => Cause::Unsupported,
            None if heard.status >= 500 => Cause::Passing,
            None => Cause::Other,
        };
        let text = match code.is_empty() {
            true => format!("HTTP status {}", heard.status),
            false => text,
        };
        Self { cause, unreached: false, text }
    }
}

/// Whether a body is a page for a browser.
fn is_page(body: &[u8]) -> bool {
    let start: String =
        String::from_utf8_lossy(body.get(..64).unwrap_or(body)).to_ascii_lowercase();
    start.trim_start().starts_with("<!doctype") || start.trim_start().starts_with("<html")
}

/// Whether there are no credentials to sign a call with.
fn is_of_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut inner = Some(error);
    while let Some(error) = inner {
        if error.is::<CredentialsError>() {
            return true;
        }
        inner = error.source();
    }
    false
}

/// The innermost reason.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    match inner.downcast_ref::<ErrorMetadata>() {
        Some(answer) => match (answer.code(), answer.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            _ => inner.to_string(),
        },
        None => inner.to_string(),
    }
}

/// What an error's code means, where it is known.
fn cause_of_code(code: &str) -> Option<Cause> {
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.strip_suffix("Exception").unwrap_or(code);
    Some(match models::fault(code)? {
        "throttled" => Cause::Throttled,
        "denied" => Cause::Denied,
        "credentials" => Cause::Credentials,
        "unsupported" => Cause::Unsupported,
        "passing" => Cause::Passing,
        _ => Cause::Gone,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_service_are_told_apart() {
        for (code, cause) in [
            ("RequestLimitExceeded", Cause::Throttled),
            ("ThrottlingException", Cause::Throttled),
            ("UnauthorizedOperation", Cause::Denied),
            ("com.amazonaws.ecs#AccessDeniedException", Cause::Denied),
            ("ExpiredTokenException", Cause::Credentials),
            ("InvalidNetworkInterfaceID.NotFound", Cause::Gone),
            ("TargetGroupNotFound", Cause::Gone),
            ("ServerException", Cause::Passing),
        ] {
            assert_eq!(cause_of_code(code), Some(cause), "{code}");
        }
        assert_eq!(cause_of_code("InvalidParameterValue"), None);
    }

    #[test]
    fn a_page_for_browsers_means_that_the_call_is_not_known() {
        let heard = Heard { status: 500, body: b"<!doctype html>\n<html>".to_vec() };
        assert_eq!(Fault::of_answer("", String::new(), &heard).cause, Cause::Unsupported);
        let gateway = Heard { status: 502, body: b"<html>Bad gateway".to_vec() };
        assert_eq!(Fault::of_answer("", String::new(), &gateway).cause, Cause::Passing);
    }
}
