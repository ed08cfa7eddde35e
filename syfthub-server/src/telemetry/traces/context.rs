//! Where in a trace a request stands, as `traceparent` and `tracestate` tell it (W3C Trace Context).

use std::convert::Infallible;
use std::str::FromStr as _;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use opentelemetry::trace::SpanContext;
use opentelemetry::trace::TraceState;
use opentelemetry::{SpanId, TraceFlags, TraceId};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The longest `tracestate` that is passed on, in bytes (W3C Trace Context, section 3.3.1.5).
const STATE_BYTES: usize = 512;

/// The span that caused something, in this process or in another; perhaps none.
#[derive(Debug, Clone, Default)]
pub(crate) struct TraceParent(Option<SpanContext>);

impl TraceParent {
    pub(super) fn of(context: SpanContext) -> Self {
        Self(Some(context).filter(SpanContext::is_valid))
    }

    /// What a request's headers say. Whatever is not exactly as it should be counts as absent.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut all = headers.get_all(TRACEPARENT).iter();
        let (Some(only), None) = (all.next(), all.next()) else { return Self::default() };
        let state = || {
            let text = headers.get(TRACESTATE)?.to_str().ok()?;
            Some(text).filter(|text| text.len() <= STATE_BYTES).map(TraceState::from_str)?.ok()
        };
        let parsed = only.to_str().ok().and_then(parse);
        let context = |(trace, span, flags)| {
            SpanContext::new(trace, span, flags, true, state().unwrap_or_default())
        };
        Self(parsed.map(context))
    }

    pub(super) fn context(&self) -> Option<&SpanContext> {
        self.0.as_ref()
    }

    /// The values of `traceparent` and `tracestate` for a call made on its behalf; the second may be empty.
    pub(crate) fn headers(&self) -> Option<(String, String)> {
        let context = self.0.as_ref()?;
        let (trace, span) = (context.trace_id(), context.span_id());
        let flags = (context.trace_flags() & TraceFlags::SAMPLED).to_u8();
        Some((format!("00-{trace}-{span}-{flags:02x}"), context.trace_state().header()))
    }
}

/// `version-trace-span-flags` in lower-case hex. Later versions may say more after that.
fn parse(text: &str) -> Option<(TraceId, SpanId, TraceFlags)> {
    let mut parts = text.split('-');
    let mut part = |length: usize| {
        let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        parts.next().filter(|part| part.len() == length && part.bytes().all(is_hex))
    };
    let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let trace = TraceId::from_hex(trace).ok().filter(|id| *id != TraceId::INVALID)?;
    let span = SpanId::from_hex(span).ok().filter(|id| *id != SpanId::INVALID)?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    Some((trace, span, flags))
}

impl<S: Send + Sync> FromRequestParts<S> for TraceParent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn passed_on(parent: &str, state: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_str(parent).unwrap());
        headers.insert(TRACESTATE, HeaderValue::from_str(state).unwrap());
        TraceParent::read(&headers).headers()
    }

    #[test]
    fn what_came_in_is_what_goes_out() {
        let expected = Some((GIVEN.to_owned(), "a=1,b@c=2".to_owned()));
        assert_eq!(passed_on(GIVEN, "a=1,b@c=2"), expected);
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known_and_unknown_flags_are_left_out() {
        let later = GIVEN.replacen("00", "cc", 1).replace("-01", "-ff-more");
        assert_eq!(passed_on(&later, ""), Some((GIVEN.to_owned(), String::new())));
    }

    #[test]
    fn what_is_not_as_it_should_be_is_no_parent() {
        for wrong in [
            "",
            "x",
            &GIVEN.to_uppercase(),
            &format!("{GIVEN}-00"),
            &GIVEN.replacen("00", "ff", 1),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        ] {
            assert_eq!(passed_on(wrong, ""), None, "{wrong}");
        }
        let mut twice = HeaderMap::new();
        twice.append(TRACEPARENT, HeaderValue::from_static(GIVEN));
        twice.append(TRACEPARENT, HeaderValue::from_static(GIVEN));
        assert!(TraceParent::read(&twice).headers().is_none());
    }

    proptest! {
        #[test]
        fn every_place_survives_the_way(trace in 1_u128.., span in 1_u64.., sampled: bool) {
            let flags = TraceFlags::default().with_sampled(sampled);
            let (trace, span) = (TraceId::from(trace), SpanId::from(span));
            let there = TraceParent::of(SpanContext::new(trace, span, flags, false, TraceState::default()));
            let (text, _) = there.headers().unwrap();
            prop_assert_eq!(parse(&text), Some((trace, span, flags)));
        }

        #[test]
        fn no_header_is_too_odd_to_read(text in "[ -~]{0,80}", state in "[ -~]{0,80}") {
            passed_on(&text, &state);
        }
    }
}
