//! HTTP/1 on a socket: how long a client may take, how many may come, and how the function leaves.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::App;
use crate::linger::Lingering;

/// Longest wait for the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait for a client to take a further byte of its answer.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait for open requests after SIGTERM: Cloud Run kills after ten seconds.
const DRAIN: Duration = Duration::from_secs(8);
/// Most connections at once; more wait in the kernel's queue. One costs about 11 KB, and Cloud Run sends at most 1,000
/// requests at a time.
const CONNECTIONS: usize = 1024;
/// Pause after a failed accept, such as one for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `app` on all addresses of `port` until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// Where the port cannot be opened or signals cannot be caught.
pub async fn serve(app: App, port: u16, ready: impl FnOnce(SocketAddr)) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    ready(listener.local_addr()?);
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&listener, &app, &graceful) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    drop(listener);
    drain(graceful).await;
    Ok(())
}

/// Accepts connections for ever.
async fn accept(listener: &TcpListener, app: &App, graceful: &GracefulShutdown) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let permit = Arc::clone(&room).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => open(stream, permit, app.clone(), graceful),
            Err(error) => {
                tracing::warn!(reason = %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one connection in a task of its own.
fn open(stream: tokio::net::TcpStream, permit: OwnedSemaphorePermit, app: App, graceful: &GracefulShutdown) {
    // Only a lost connection makes this fail, and then the next read says so.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let app = app.clone();
        async move { Ok::<_, std::convert::Infallible>(app.handle(request).await) }
    });
    // Without a timer hyper would never look at the time that a head takes.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(Lingering::new(stream, ANSWER_PATIENCE)), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(reason = %error, "a connection ended badly");
        }
        drop(permit);
    });
}

/// Waits for open requests, but not longer than the platform does.
async fn drain(graceful: GracefulShutdown) {
    tracing::info!(open_connections = graceful.count(), "shutting down");
    match tokio::time::timeout(DRAIN, graceful.shutdown()).await {
        Ok(()) => tracing::info!("all requests were answered"),
        Err(_) => tracing::warn!("some requests took longer than the platform waits and are cut off"),
    }
}

/// Asks the function on `port` of this machine whether it is ready.
///
/// # Errors
/// Where it does not answer, or not with status 200; with what it said.
pub fn healthcheck(port: u16) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), HEAD_PATIENCE)?;
    stream.set_read_timeout(Some(HEAD_PATIENCE))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    Err(io::Error::other(answer.lines().next().unwrap_or("no answer").to_owned()))
}
