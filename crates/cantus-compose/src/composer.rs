//! From a request to a composition: pieces are drawn until the judges accept one.

use cantus_model::decoder::Decoder;
use cantus_model::model::Model;
use cantus_model::styles::Style;
use cantus_model::voices;
use cantus_model::walk::Spec;
use cantus_nn::{Path, Precision};

use crate::chooser::Chooser;
use crate::choral::Choral;
use crate::composition::Composition;
use crate::drummers::Drummers;
use crate::error::ComposeError;
use crate::judge::{Judge, standard_judges};
use crate::plan::Plan;
use crate::request::Request;
use crate::rules::Rules;
use crate::sections::Returns;
use crate::session::Session;
use crate::slicer::Slicer;
use crate::trace::Trace;

/// How long the composer tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Most drawings of a piece or its ending, at least 1.
    pub attempts: u32,
    /// Most drawings of one piece's ending before all of it is drawn again.
    pub endings: u32,
    /// The bars that an ending is drawn again from.
    pub ending_bars: u32,
    /// How many pieces that no judge rejects are compared by their scores, at least 1.
    pub candidates: u32,
    /// How many endings of a loop are compared by how well they lead back, at least 1.
    pub loop_endings: u32,
    /// How many takes of each bar are compared where controls or chords are asked for, at least 1.
    pub takes: u32,
    /// Whether every decision is recorded.
    pub is_traced: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 100,
            endings: 5,
            ending_bars: 2,
            candidates: 1,
            loop_endings: 12,
            takes: 8,
            is_traced: false,
        }
    }
}

/// A model made ready to compose any number of pieces.
#[derive(Debug)]
pub struct Composer {
    path: Path,
    spec: Spec,
    styles: Vec<Style>,
    digest: String,
    decoder: Decoder,
    choral: Option<Choral>,
    pub(crate) drummers: Option<Drummers>,
}

impl Composer {
    /// Packs a model's weights; the model itself is not needed any more.
    pub fn new(model: &Model) -> Self {
        Self::on(Path::best(), model)
    }

    /// Like [`Composer::new`], with given instructions of the processor; the same pieces come of all of them.
    pub fn on(path: Path, model: &Model) -> Self {
        Self {
            path,
            spec: model.network.spec.clone(),
            styles: model.styles.clone(),
            digest: model.digest.clone(),
            decoder: Decoder::on(path, &model.network, &model.params, Precision::Bf16),
            choral: None,
            drummers: None,
        }
    }

    /// The same, with networks of four voices that sing plain pieces of a style of theirs: those of which nothing is asked that they do not
    /// know.
    ///
    /// # Errors
    /// Fails where the networks were not trained to sing.
    pub fn with_choir(self, model: &voices::Model) -> Result<Self, ComposeError> {
        Ok(Self { choral: Some(Choral::new(self.path, model)?), ..self })
    }

    /// The same, with a model that knows some of the styles better, by their names, such as those of drums alone: what is asked of these is
    /// asked of it. Styles that are mixed with others are the first model's.
    #[must_use]
    pub fn with_drummers(mut self, model: &Model) -> Self {
        self.drummers = Some(Drummers::new(Self::on(self.path, model), &mut self.styles));
        self
    }

    /// Whether controls can be asked for.
    pub fn knows_controls(&self) -> bool {
        self.spec.has_controls()
    }

    /// The styles that can be asked for.
    pub fn styles(&self) -> &[Style] {
        &self.styles
    }

    pub(crate) fn spec(&self) -> &Spec {
        &self.spec
    }

    pub(crate) fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Composes with the request's sampler, the standard judges and the default policy.
    pub fn compose(&self, request: &Request) -> Result<Composition, ComposeError> {
        self.compose_with(request, &mut request.sampler(), &standard_judges(), Policy::default())
    }

    /// The trace of a request, computed anew: what [`Composition::trace`] of the same request and model holds.
    pub fn retrace(&self, request: &Request) -> Result<Trace, ComposeError> {
        let policy = Policy { is_traced: true, ..Policy::default() };
        let composition = self.compose_with(request, &mut request.sampler(), &standard_judges(), policy)?;
        Ok(composition.trace.unwrap_or_default())
    }

    /// Composes with a chooser, judges and a policy of one's own.
    pub fn compose_with(
        &self,
        request: &Request,
        chooser: &mut dyn Chooser,
        judges: &[&dyn Judge],
        policy: Policy,
    ) -> Result<Composition, ComposeError> {
        if !self.knows_controls() && !request.wishes().is_empty() {
            return Err(ComposeError::NoControls { wish: request.wishes().first().to_owned() });
        }
        let plan = Plan::new(request, &self.styles)?;
        if let Some(drummers) = self.drummers.as_ref().and_then(|drummers| drummers.of_plan(&plan)) {
            let composition = drummers.compose_with(request, chooser, judges, policy)?;
            // Its styles have other numbers.
            let Plan { style, others, .. } = plan;
            return Ok(Composition { plan: Plan { style, others, ..composition.plan }, ..composition });
        }
        if let Some(choral) = self.choral.as_ref().filter(|choral| choral.sings(&plan)) {
            let plan = choral.plan(request, &self.styles)?;
            let scribe = choral.scribe(&plan, policy.is_traced);
            let session = Session::new(scribe, &plan, judges, (policy, request.asked_seed()));
            let (best, attempts) = session.run(chooser)?;
            return Ok(best.composition(request, plan, attempts, choral.digest()));
        }
        let rules = Rules::new(&plan);
        let scribe = Slicer::new(self, &plan, &rules, policy.is_traced);
        let session = Session::new(scribe, &plan, judges, (policy, request.asked_seed()));
        let (best, attempts) = if plan.sections.is_empty() {
            session.run(chooser)?
        } else {
            session.run(&mut Returns::new(chooser, &plan.sections, plan.bar(), request.asked_seed()))?
        };
        Ok(best.composition(request, plan, attempts, &self.digest))
    }
}
