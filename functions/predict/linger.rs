//! Writing to a client that may not read, and closing a connection so that the last answer arrives.
//!
//! A client that reads nothing of its answer would hold its connection, and its place among the requests in flight, for
//! ever. So a write that makes no way for too long fails, and the connection ends.
//!
//! A client that is refused early, because its body is too large, is often still sending. Closing at once would make
//! the kernel reset the connection, and the client would see a broken pipe instead of the answer. So the writing side
//! is closed first, and what still comes is read and dropped for a short while (RFC 9112, section 9.6).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Longest wait for the client to stop sending.
const LINGER: Duration = Duration::from_secs(2);

/// A stream whose writes fail where the client takes nothing for too long, and whose shutdown waits until the client has
/// closed too, or [`LINGER`] is over.
pub(crate) struct Lingering<S> {
    stream: S,
    patience: Duration,
    /// When the write that waits now has waited too long.
    stalled: Option<Pin<Box<Sleep>>>,
    end: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lingering<S> {
    /// `patience` is the longest wait for the client to take a further byte.
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, stalled: None, end: None }
    }

    /// What became of a write, unless it has waited too long.
    fn within_patience<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }

    /// Reads and drops until the client closes or breaks the connection.
    fn drop_the_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut room = [0; 8192];
        loop {
            let mut buffer = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within_patience(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.within_patience(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = Pin::new(&mut self.stream).poll_flush(context);
        self.within_patience(context, written)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.end.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.end = Some(Box::pin(tokio::time::sleep(LINGER)));
        }
        let over = self.end.as_mut().is_some_and(|end| end.as_mut().poll(context).is_ready());
        if over { Poll::Ready(Ok(())) } else { self.drop_the_rest(context).map(Ok) }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write;

    use bytes::Bytes;
    use http::Response;
    use http_body_util::Full;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A client that takes one byte after each pause.
    struct Slow {
        pause: Duration,
        next: Pin<Box<Sleep>>,
    }

    impl AsyncRead for Slow {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Slow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            _: &[u8],
        ) -> Poll<io::Result<usize>> {
            ready!(self.next.as_mut().poll(context));
            self.next = Box::pin(tokio::time::sleep(self.pause));
            Poll::Ready(Ok(1))
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.next.as_mut().poll(context).map(Ok)
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn slow(seconds: u64) -> Lingering<Slow> {
        let pause = Duration::from_secs(seconds);
        Lingering::new(Slow { pause, next: Box::pin(tokio::time::sleep(pause)) }, PATIENCE)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_may_be_slow_as_long_as_it_takes_something() {
        let (start, mut stream) = (Instant::now(), slow(20));
        for _ in 0..5 {
            let written = poll_fn(|context| Pin::new(&mut stream).poll_write(context, b"x")).await;
            assert_eq!(written.expect("it takes a byte in time"), 1);
        }
        assert_eq!(start.elapsed().as_secs(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn each_way_to_write_fails_where_nothing_is_taken() {
        let check = |result: io::Result<usize>| {
            assert_eq!(result.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        };
        let start = Instant::now();
        let mut stream = slow(40);
        check(poll_fn(|context| Pin::new(&mut stream).poll_write(context, b"x")).await);
        let mut stream = slow(40);
        let bytes = [IoSlice::new(b"x")];
        check(poll_fn(|context| Pin::new(&mut stream).poll_write_vectored(context, &bytes)).await);
        let mut stream = slow(40);
        check(poll_fn(|context| Pin::new(&mut stream).poll_flush(context)).await.map(|()| 0));
        assert_eq!(start.elapsed(), 3 * PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_whose_client_never_reads_ends() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut client = std::net::TcpStream::connect(address).expect("the kernel accepts");
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("the kernel takes it");
        let (stream, _) = listener.accept().await.expect("a connection");
        // More than the kernel keeps for a client.
        let answer = Bytes::from(vec![b'x'; 64 * 1024 * 1024]);
        let service = service_fn(move |_| {
            let answer = Response::new(Full::new(answer.clone()));
            async move { Ok::<_, std::convert::Infallible>(answer) }
        });
        let start = Instant::now();
        let stream = TokioIo::new(Lingering::new(stream, PATIENCE));
        let served = http1::Builder::new().serve_connection(stream, service).await;
        served.expect_err("the answer was not taken");
        // Time stands still but for the waits themselves.
        assert!((PATIENCE..2 * PATIENCE).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}
