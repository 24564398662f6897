//! Closing a connection so that the last answer arrives.
//!
//! A client that is refused early, because its body is too large, is often still sending. Closing at once would make
//! the kernel reset the connection, and the client would see a broken pipe instead of the answer. So the writing side
//! is closed first, and what still comes is read and dropped for a short while (RFC 9112, section 9.6).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// Longest wait for the client to stop sending.
const LINGER: Duration = Duration::from_secs(2);

/// A stream whose shutdown waits until the client has closed too, or [`LINGER`] is over.
pub(crate) struct Lingering {
    stream: TcpStream,
    end: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, end: None }
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

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
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
