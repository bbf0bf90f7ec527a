//! A run on the stage, to its end or to where it is given up.

use std::fmt::Debug;
use std::time::Duration;

use entrada_core::effect::Effect;
use entrada_core::{AccessToken, BoxFlow, Error, Run, Secret, Step};
use entrada_tests::choices::Choices;
use entrada_tests::faults::Fate;
use entrada_tests::setups::directory::there;
use entrada_tests::world::Answer;

use super::{Cut, Stage};

impl Stage {
    pub(crate) fn run<T: Debug>(&mut self, flow: BoxFlow<T>) -> Result<T, Error> {
        let mut run = Run::new(flow);
        if let Some(limit) = self.limit {
            run = run.with_deadline(self.now.mono.after(limit));
        }
        let mut choices = Choices::new(&[3]);
        let mut step = run.start(self.now, &mut self.entropy);
        for number in 0..3000 {
            let effect = match step {
                Step::Done(result) => return result,
                Step::Do(effect) => effect,
            };
            if matches!(self.cut, Some(Cut::Before(cut)) if cut == number) {
                return Err(run.cancel());
            }
            let is_cut = matches!(self.cut, Some(Cut::During(cut)) if cut <= number);
            if !self.world.canaries.is_idle()
                && let Some(kind) = self.world.canaries.leak(&format!("{run:?} {effect:?}"))
            {
                panic!("{kind:?} shows: {run:?}");
            }
            let deadline = effect.deadline().unwrap_or(self.now.mono);
            let reply = match effect {
                Effect::Wait(wait) => {
                    self.pass(self.now.mono.until(wait.until()));
                    self.waited += wait.span().as_secs();
                    wait.ticket().done()
                }
                Effect::Token(need) => {
                    let (at, text) = self.token_of(need.request().scopes().joined());
                    let ends = at.unix.after(Duration::from_secs(3599));
                    let token = AccessToken::new(Secret::new(text), ends, at, "stage");
                    need.split().1.reply(token)
                }
                Effect::Http(call) => {
                    let (request, ticket) = call.split();
                    let host = request.uri().host().unwrap().to_owned();
                    let known = ["graph.microsoft.com", "management.azure.com", "login.microsoftonline.com"];
                    assert!(known.contains(&host.as_str()), "{host}");
                    self.asked.push(format!("{} {}", request.method(), request.uri().path()));
                    let fate = self.exchange(&request, &mut choices);
                    self.meddle(request.method());
                    let in_time = |fate: &Fate| self.now.mono.after(fate.took) < deadline;
                    match fate.filter(|fate| !is_cut && in_time(fate)) {
                        None if is_cut => return Err(run.cancel()),
                        None => {
                            self.pass(self.now.mono.until(deadline));
                            drop(ticket);
                            step = run.expire(self.now, &mut self.entropy);
                            continue;
                        }
                        Some(fate) => {
                            self.pass(fate.took);
                            ticket.reply(fate.result)
                        }
                    }
                }
                sign @ Effect::Sign(_) => match self.world.answer(sign, self.now, &mut choices) {
                    Answer::Reply { reply, .. } => reply,
                    silence @ Answer::Silence { .. } => panic!("{silence:?}"),
                },
                other => panic!("{other:?}"),
            };
            step = run.resume(self.now, &mut self.entropy, reply);
        }
        panic!("it does not end: {:?}", self.asked);
    }

    fn meddle(&mut self, method: &http::Method) {
        let apps = &mut self.world.emulator.config_mut().apps;
        let app = apps.iter_mut().find(|app| app.name == there::NAME);
        if let Some((_, meddle)) = self.meddler.take_if(|(wanted, _)| wanted == method)
            && let Some(app) = app
        {
            meddle(app);
        }
    }
}
