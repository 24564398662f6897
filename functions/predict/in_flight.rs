//! How many requests are answered at a time. One more is refused at once: a client that tries again soon is better off
//! than one that waits in a queue of which nobody knows the length.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::response::{Body, CutOff};

/// The places for requests.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Semaphore>);

/// One place, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl InFlight {
    /// Places for `most` requests at a time.
    pub(crate) fn new(most: NonZeroUsize) -> Self {
        Self(Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS))))
    }

    /// A place where one is free.
    pub(crate) fn enter(&self) -> Option<Permit> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(Permit)
    }
}

impl Permit {
    /// The same body, which keeps the place until it has ended or is dropped.
    pub(crate) fn hold(self, body: Body) -> Body {
        Held { body, permit: Some(self) }.boxed_unsync()
    }
}

/// A body with the place of its request.
struct Held {
    body: Body,
    permit: Option<Permit>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) || self.body.is_end_stream() {
            self.permit = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::StreamBody;

    use super::*;
    use crate::response::whole;

    fn places(most: usize) -> InFlight {
        InFlight::new(NonZeroUsize::new(most).unwrap())
    }

    /// A stream of these pieces, whose end is not known before it is reached.
    fn stream(pieces: Vec<Result<&'static [u8], CutOff>>) -> Body {
        let frames =
            pieces.into_iter().map(|piece| piece.map(|bytes| Frame::data(Bytes::from_static(bytes))));
        StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync()
    }

    #[test]
    fn a_place_is_free_again_when_its_permit_is_gone() {
        let places = places(2);
        let (first, second) = (places.enter().unwrap(), places.enter().unwrap());
        assert!(places.enter().is_none());
        drop(first);
        assert!(places.enter().is_some());
        drop(second);
        assert!(places_are_free(&places, 2));
        InFlight::new(NonZeroUsize::MAX);
    }

    fn places_are_free(places: &InFlight, count: usize) -> bool {
        places.0.available_permits() == count
    }

    #[tokio::test]
    async fn a_stream_keeps_its_place_to_its_last_frame() {
        let places = places(1);
        let mut body = places.enter().unwrap().hold(stream(vec![Ok(b"a"), Ok(b"b")]));
        for _ in 0..2 {
            assert!(body.frame().await.unwrap().is_ok());
            assert!(places_are_free(&places, 0));
        }
        assert!(body.frame().await.is_none());
        assert!(places_are_free(&places, 1), "the body itself is still there");
        drop(body);
    }

    #[tokio::test]
    async fn a_body_that_breaks_or_is_dropped_gives_its_place_back() {
        let places = places(1);
        let mut body = places.enter().unwrap().hold(stream(vec![Err(CutOff::default())]));
        assert!(body.frame().await.unwrap().is_err());
        assert!(places_are_free(&places, 1));
        let mut body = places.enter().unwrap().hold(stream(vec![Ok(b"a"), Ok(b"b")]));
        assert!(body.frame().await.unwrap().is_ok());
        drop(body);
        assert!(places_are_free(&places, 1));
    }

    #[tokio::test]
    async fn the_length_of_a_body_in_one_piece_is_still_known() {
        let places = places(1);
        let mut body = places.enter().unwrap().hold(whole(Bytes::from_static(b"abc")));
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(3), false));
        assert!(body.frame().await.unwrap().is_ok());
        assert!(body.is_end_stream());
        assert!(places_are_free(&places, 1), "the last frame is known to be the last");
        assert!(places.enter().unwrap().hold(whole(Bytes::new())).is_end_stream());
    }
}
