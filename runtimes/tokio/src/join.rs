//! Two futures at once, on one task.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that may go on beside another, and be waited for later.
pub(crate) struct Aside<'a>(Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>);

impl<'a> Aside<'a> {
    pub(crate) fn new(future: impl Future<Output = ()> + Send + 'a) -> Aside<'a> {
        Aside(Some(Box::pin(future)))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            None => Poll::Ready(()),
            Some(future) => {
                let polled = future.as_mut().poll(cx);
                if polled.is_ready() {
                    self.0 = None;
                }
                polled
            }
        }
    }

    /// Waits for `main`; this goes on meanwhile, and is where it was afterwards.
    pub(crate) async fn during<T>(&mut self, main: impl Future<Output = T>) -> T {
        let mut main = std::pin::pin!(main);
        poll_fn(|cx| {
            let _ = self.poll(cx);
            main.as_mut().poll(cx)
        })
        .await
    }

    /// Waits for this.
    pub(crate) async fn end(&mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }
}
