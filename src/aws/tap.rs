//! Hears what a server answers, as it is sent: the SDK's own types cannot be written down.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::{Arc, Mutex, PoisonError};

/// An answer as it was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Keeps the last answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Tap(Arc<Mutex<Option<Heard>>>);

impl Tap {
    /// The last answer, when there was one.
    pub fn heard(&self) -> Option<Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last answer, taken away.
    pub fn take(&self) -> Option<Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Intercept for Tap {
    fn name(&self) -> &'static str {
        "Tap"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(response) = context.response() {
            let body = response.body().bytes().map(<[u8]>::to_vec).unwrap_or_default();
            let heard = Heard { status: response.status().as_u16(), body };
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
        }
        Ok(())
    }
}
