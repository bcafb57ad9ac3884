//! `route`: messages are dispatched by a key of theirs.

mod key;
mod route;
#[cfg(feature = "tower")]
mod service;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use wirework_core::{BadCause, BoxError, Codec, ComposeError, Message, Reply};

use super::handler::{Begin, Handler};
use super::{Replying, Respond, Serve, Server};
use crate::Handle;
use crate::listener::Bind;

use key::Key;
use route::{AnyReply, Handling, Outcome, Route};

impl<B: Bind, C: Codec> Serve<B, C> {
    /// A reply for each message, from the handler of its key: commands by their name, messages by their number. What follows is
    /// where the key stands, [`by`](RouteBy::by) or [`by_part`](RouteBy::by_part); then the routes, [`on`](Server::on) a key each,
    /// and [`otherwise`](Server::otherwise).
    ///
    /// ```no_run
    /// # use wirework_core::{Codec, Format};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format: Format<Owned = String, Reply = str>>) -> std::io::Result<()> {
    /// use wirework_servers::{OnBad, serve};
    ///
    /// serve(bind, codec)
    ///     .on_bad(|bad, _| OnBad::reply(format!("ERROR {}", bad.cause))) // ERROR there is no route for "PIGN"
    ///     .route()
    ///     .by_part(|line| line.split(' ').next())
    ///     .on("PING", async |_, _| "PONG")
    ///     .on("WHO", async |handle, _| handle.peer().to_string())
    ///     .on("QUIT", async |handle, _| {
    ///         handle.close();
    ///         "BYE"
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A handler gets the [`Handle`] of the connection and the message; all else is as in [`reply`](Serve::reply), be it
    /// [several at once](Server::concurrency) or what a handler may return.
    ///
    /// A message that has no route, where there is no `otherwise`, is a [bad message](crate::Event::Bad): skipped, unless
    /// [`on_bad`](Serve::on_bad) says what else is to happen; its cause is [`BadCause::Unhandled`]. Two routes of one key are
    /// refused when the server starts, before anything is bound.
    ///
    /// To dispatch messages that are lent, as those of [`answer`](Serve::answer), is what a `match` does there.
    pub fn route(self) -> RouteBy<B, C, Handle<C::Format>> {
        self.route_with(|handle| handle)
    }

    /// As [`route`](Serve::route), with what `init` makes of the [`Handle`] of a connection: its state, which is cloned for
    /// each message, as in [`reply_with`](Serve::reply_with): what is to change is in an `Arc`.
    ///
    /// ```no_run
    /// # use wirework_core::{Codec, Raw};
    /// # async fn example(bind: impl wirework_servers::Bind, codec: impl Codec<Format = Raw>) -> std::io::Result<()> {
    /// use std::sync::{Arc, OnceLock};
    /// use wirework_servers::serve;
    ///
    /// // A vehicle of JT/T 808 registers, 0x0100, and then reports where it is, 0x0200.
    /// serve(bind, codec)
    ///     .route_with(|_| Arc::new(OnceLock::new()))
    ///     .by(|message| Some(u16::from_be_bytes(*message.first_chunk()?)))
    ///     .on(0x0100, async |phone, message| {
    ///         phone.set(message.slice(4..10)).map_or("registered twice", |()| "registered")
    ///     })
    ///     .on(0x0200, async |phone, _| phone.get().map(|phone| format!("{phone:X} is there")))
    ///     .otherwise(async |_, _| "not supported")
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn route_with<I, S>(self, init: I) -> RouteBy<B, C, S>
    where
        I: FnOnce(Handle<C::Format>) -> S + Clone + Send + Sync + 'static,
        S: Clone + Send + 'static,
    {
        RouteBy { serve: self, init: Arc::new(move |handle| (init.clone())(handle)) }
    }
}

/// A server that dispatches messages, and lacks their key; see [`Serve::route`].
#[must_use = "a server that dispatches messages needs their key: call `by` or `by_part`"]
pub struct RouteBy<B, C: Codec, S> {
    serve: Serve<B, C>,
    init: Arc<Init<C, S>>,
}

impl<B: Bind, C: Codec, S> RouteBy<B, C, S> {
    /// The key is a value that is made of the message: a number, an enum. `None`: the message has none, and no route.
    /// What is a part of the message, such as a `&str` of it, is for [`by_part`](RouteBy::by_part).
    ///
    /// ```no_run
    /// # fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) {
    /// let server = wirework_servers::serve(bind, codec)
    ///     .route()
    ///     .by(|message| Some(u16::from_be_bytes(*message.first_chunk()?)))
    ///     .on(0x0002, async |_, _| "heart-beat");
    /// # }
    /// ```
    pub fn by<K, F>(self, key: F) -> Server<B, Replying<C, Router<C, S, K>>>
    where
        K: Eq + Hash + Debug + 'static,
        F: Fn(&Message<C>) -> Option<K> + Send + Sync + 'static,
    {
        self.keyed(Key::of(key))
    }

    /// The key is a part of the message, lent, so that nothing is allocated: the first word of a line, some bytes. Routes have
    /// keys that [borrow](Borrow) as such a part: `&str` or `String` for `str`, `&[u8]` or an array for `[u8]`. `None`: the
    /// message has none, and no route.
    ///
    /// ```no_run
    /// # fn example(bind: impl wirework_servers::Bind, codec: impl wirework_core::Codec<Format = wirework_core::Raw>) {
    /// let server = wirework_servers::serve(bind, codec)
    ///     .route()
    ///     .by_part(|message| message.get(..4))
    ///     .on(*b"HELO", async |_, _| "250 good day")
    ///     .on(*b"NOOP", async |_, _| "250 nothing done");
    /// # }
    /// ```
    pub fn by_part<K, Q, F>(self, key: F) -> Server<B, Replying<C, Router<C, S, K>>>
    where
        K: Eq + Hash + Borrow<Q> + 'static,
        Q: Eq + Hash + Debug + ?Sized + 'static,
        F: for<'m> Fn(&'m Message<C>) -> Option<&'m Q> + Send + Sync + 'static,
    {
        self.keyed(Key::part(key))
    }

    fn keyed<K>(self, key: Key<Message<C>, K>) -> Server<B, Replying<C, Router<C, S, K>>> {
        let Self { serve, init } = self;
        let table = Table { key, keys: HashMap::new(), routes: Vec::new(), otherwise: None };
        serve.conversing(|setup| Replying::new(setup, Router { init, table: Arc::new(table) }))
    }
}

impl<B, C, S, K> Server<B, Replying<C, Router<C, S, K>>>
where
    C: Codec,
    K: Eq + Hash + Clone + Debug,
{
    /// Has the messages of this key handled by `handler`; see [`Serve::route`]. It gets the state of the connection and the
    /// message, and is cloned for each message.
    ///
    /// Routes can be added elsewhere, as those of a part of the program:
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    /// use wirework_core::{Codec, Format};
    /// use wirework_servers::{Replying, Router, Server};
    ///
    /// type Counters<B, C> = Server<B, Replying<C, Router<C, Arc<AtomicU64>, &'static str>>>;
    ///
    /// fn counters<B, C>(server: Counters<B, C>) -> Counters<B, C>
    /// where
    ///     C: Codec<Format: Format<Owned = String, Reply = str>>,
    /// {
    ///     server
    ///         .on("INCR", async |counter, _| (counter.fetch_add(1, Relaxed) + 1).to_string())
    ///         .on("READ", async |counter, _| counter.load(Relaxed).to_string())
    /// }
    /// ```
    pub fn on<F, Fut, R, M>(self, key: K, handler: F) -> Self
    where
        F: FnOnce(S, Message<C>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Respond<Reply<C>, M, Reply: Send + 'static>,
    {
        self.routed(key, route::closure::<C, _, _, _, _, _>(handler))
    }

    /// Has the messages that have no route handled by `handler`.
    pub fn otherwise<F, Fut, R, M>(self, handler: F) -> Self
    where
        F: FnOnce(S, Message<C>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Respond<Reply<C>, M, Reply: Send + 'static>,
    {
        self.changed(|table| match table.otherwise.replace(route::closure::<C, _, _, _, _, _>(handler)) {
            None => Ok(()),
            Some(_) => Err(ComposeError::new("`otherwise` is there twice: leave one out")),
        })
    }

    /// Adds a route.
    fn routed(self, key: K, route: Arc<Route<C, S>>) -> Self {
        self.changed(|table| {
            let twice = table.keys.contains_key(&key);
            let refused = || ComposeError::new(format!("two routes have the key {key:?}: leave one out"));
            let checked = if twice { Err(refused()) } else { Ok(()) };
            table.keys.insert(key, table.routes.len());
            table.routes.push(route);
            checked
        })
    }

    fn changed(self, change: impl FnOnce(&mut Table<C, S, K>) -> Result<(), ComposeError>) -> Self {
        let mut agreed = Ok(());
        let server = self.conversing(|mut replying| {
            agreed = change(Arc::make_mut(&mut replying.handler.table));
            replying
        });
        server.agreeing(agreed)
    }
}

/// Dispatches messages to the handlers of their keys; see [`Serve::route`].
pub struct Router<C: Codec, S, K> {
    init: Arc<Init<C, S>>,
    table: Arc<Table<C, S, K>>,
}

/// Makes the state of a connection.
type Init<C, S> = dyn Fn(Handle<<C as Codec>::Format>) -> S + Send + Sync;

/// The routes, of all connections.
struct Table<C: Codec, S, K> {
    key: Key<Message<C>, K>,
    /// Which of the routes each key has.
    keys: HashMap<K, usize>,
    routes: Vec<Arc<Route<C, S>>>,
    otherwise: Option<Arc<Route<C, S>>>,
}

impl<C: Codec, S, K> Clone for Router<C, S, K> {
    fn clone(&self) -> Self {
        Self { init: self.init.clone(), table: self.table.clone() }
    }
}

impl<C: Codec, S, K: Clone> Clone for Table<C, S, K> {
    fn clone(&self) -> Self {
        let Self { key, keys, routes, otherwise } = self;
        Self { key: key.clone(), keys: keys.clone(), routes: routes.clone(), otherwise: otherwise.clone() }
    }
}

impl<C, S, K> Begin<C> for Router<C, S, K>
where
    C: Codec,
    S: Clone + Send + 'static,
    K: Eq + Hash + Send + Sync + 'static,
{
    type Begun = Routing<C, S, K>;

    fn begin(self, handle: impl FnOnce() -> Handle<C::Format>) -> Routing<C, S, K> {
        Routing { state: (self.init)(handle()), table: self.table }
    }
}

/// The routes, with the state of a connection.
pub(super) struct Routing<C: Codec, S, K> {
    state: S,
    table: Arc<Table<C, S, K>>,
}

impl<C, S, K> Handler<C> for Routing<C, S, K>
where
    C: Codec,
    S: Clone + Send + 'static,
    K: Eq + Hash + Send + Sync + 'static,
{
    type Reply = AnyReply<Reply<C>>;
    type Response = Outcome<C>;
    type Handling = Handling<C>;

    fn handle(&mut self, message: Message<C>) -> Result<Handling<C>, BadCause> {
        let Table { key, keys, routes, otherwise } = &*self.table;
        let route = key.find(&message, keys).and_then(|at| routes.get(at)).or(otherwise.as_ref());
        let route = route.ok_or_else(|| key.unhandled(&message))?;
        Ok(route(self.state.clone(), message))
    }

    fn respond(response: Outcome<C>) -> Result<Option<AnyReply<Reply<C>>>, BoxError> {
        response
    }
}
