//! The loop itself.

use std::ops::Range;
use std::path::Path;

use autograd::Parameters;
use datasets::{Dataset, Split, Splits};
use models::{Layer, Loss, Model};
use optimizers::Optimizer;
use tensor::random::{Purpose, Streams};
use tensor::trial::Trial;

use crate::{
    Augmenter, Batch, Culprit, Divergence, History, Hook, Order, Recording, Score, Series, Snapshot, TrainConfig,
    TrainError,
    hooks::Recorder,
    passes::{Evaluation, Examples, Pass, Sums},
    stopping::Monitor,
};

/// Whether to go on after an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Train on.
    Continue,
    /// Keep what there is and stop.
    Stop,
}

/// A finished training run.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The trained model.
    pub model: Model,
    /// After how many epochs the model was so: the last, unless the best is kept.
    pub epoch: usize,
    /// How good the model was before the first step and after every epoch.
    pub history: History,
    /// How good the model is on the training split, where the history has running means instead. See [`Fit::score`].
    pub train: Option<Score>,
    /// The parameters after the last epoch and the states of layers that keep some, where those of another epoch are left.
    pub last: Option<Vec<f32>>,
    /// What was made small.
    pub loss: Loss,
    /// The parameters after the epochs that were asked for, ascending; the last epoch's among them if any were.
    pub snapshots: Vec<Snapshot>,
    /// What the hooks recorded, in the order in which they were given to [`Trainer::with_hooks`].
    pub recordings: Vec<Recording>,
}

impl Fit {
    /// How good the model that was left is, as it predicts, on a split that the data has.
    pub fn score(&self, split: Split) -> Option<Score> {
        left(&self.history, self.epoch, self.train, split)
    }

    /// The same for every split there is.
    pub fn scores(&self) -> impl Iterator<Item = (Split, Score)> {
        Split::ALL.into_iter().filter_map(|split| Some((split, self.score(split)?)))
    }
}

/// The score on a split of the model after an epoch; `end` is that on the training split where the history has running means.
fn left(history: &History, epoch: usize, end: Option<Score>, split: Split) -> Option<Score> {
    if split == Split::Train && history.running { end } else { history.split(split)?.score(epoch) }
}

/// Trains to the end. `observer` is called after every epoch and may stop the run.
///
/// # Errors
/// When the model does not fit the data, and when a number stops being finite.
pub fn fit(
    config: &TrainConfig,
    stage: &str,
    splits: &Splits,
    streams: &Streams,
    observer: &mut dyn FnMut(&Trainer) -> Control,
) -> Result<Fit, TrainError> {
    Trainer::new(config, stage, splits, streams)?.run(observer)
}

/// The model that the run `stage` starts from, for samples of this shape: its weights are those of a file, where the settings
/// name one, or come from the stage's own stream, unless it is to start like another, whose stream it then draws from.
///
/// # Errors
/// When the layers do not fit the samples or each other, or the weights of a file do not fit them.
pub fn initial(config: &TrainConfig, stage: &str, sample: &[usize], streams: &Streams) -> Result<Model, TrainError> {
    let mut stream = streams.stream(&config.start(stage), Purpose::Init);
    let mut model = Model::new(config.model.clone(), sample, config.loss.head(), &mut stream)?;
    match config.initial(Path::new(""), sample)? {
        Some(Ok((weights, assignment))) => model.take(&weights, &assignment),
        Some(Err(misfits)) => return Err(TrainError::Weights(misfits.into_iter().map(|m| m.message).collect())),
        None => {}
    }
    Ok(model)
}

/// A training run under way.
pub struct Trainer {
    pub(crate) config: TrainConfig,
    pub(crate) model: Model,
    pub(crate) optimizer: Box<dyn Optimizer>,
    data: Examples,
    /// Changes the samples of a step.
    augmenter: Option<Augmenter>,
    /// One graph for whole batches, and one for what is left of an epoch.
    pub(crate) passes: Vec<Pass>,
    /// The splits that are only measured.
    watched: [Option<(Examples, Evaluation)>; 2],
    /// What measures the training split; none where the pass of a step does, which sees all samples and has no units dropped.
    evaluation: Option<Evaluation>,
    /// Whether that pass has been walked forward already since the last step.
    ahead: bool,
    /// What the steps of an epoch give in passing.
    passing: Sums,
    /// What is being measured.
    measured: Sums,
    /// The training split's score of the model to be left, once it is known and is not in the history.
    pub(crate) end: Option<Score>,
    pub(crate) order: Order,
    pub(crate) history: History,
    pub(crate) step: usize,
    /// Whether a step is faster with several threads.
    trial: Trial,
    pub(crate) snapshots: Vec<Snapshot>,
    /// The epochs still to be kept, the next one last.
    pub(crate) wanted: Vec<usize>,
    pub(crate) hooks: Recorder,
    /// What early stopping or the best epoch goes by.
    pub(crate) watch: Option<Monitor>,
}

impl Trainer {
    /// Builds model, graphs and optimizer. The model's weights come from the stage's own stream, and so does the order of the
    /// samples, so that neither depends on any other stage; unless it is to start like another, whose streams it then draws from.
    ///
    /// # Errors
    /// When the model does not fit the data.
    pub fn new(config: &TrainConfig, stage: &str, splits: &Splits, streams: &Streams) -> Result<Self, TrainError> {
        let data = &splits.train;
        let loss = config.loss;
        if data.n() == 0 {
            return Err(TrainError::NoSamples);
        }
        let model = initial(config, stage, &data.shape, streams)?;
        let stage = &config.start(stage);
        let samples = Examples::of(data, loss)?;
        let mut dropout = streams.stream(stage, Purpose::Dropout);
        let mut training = |rows| model.training_network(rows, &mut dropout);
        let passes = match config.batch {
            Batch::Full => vec![Pass::training(training(samples.n())?, loss)?.holding(&samples)],
            Batch::Size(_) => {
                let size = config.batch.size(samples.n());
                let left = samples.n() % size;
                let sizes = [size, left].into_iter().take(1 + usize::from(left > 0));
                sizes.map(|rows| Pass::training(training(rows)?, loss)).collect::<Result<_, _>>()?
            }
        };
        let measured = |split: &Option<Dataset>| -> Result<Option<(Examples, Evaluation)>, TrainError> {
            let Some(split) = split else { return Ok(None) };
            Ok(Some((Examples::of(split, loss)?, Evaluation::new(&model, loss, split.n())?)))
        };
        let watched = [measured(&splits.validation)?, measured(&splits.test)?];
        let augmenter = match &config.augment {
            Some(augment) => Some(Augmenter::new(augment, splits, streams, stage).ok_or(TrainError::NoPictures)?),
            None => None,
        };
        let trains_otherwise = augmenter.is_some() || config.model.iter().any(Layer::trains_otherwise);
        let predicts = config.batch == Batch::Full && !trains_otherwise;
        let evaluation = if predicts { None } else { Some(Evaluation::new(&model, loss, samples.n())?) };
        let watch = Monitor::of(config, model.parameters.values().len());
        let mut history = History {
            train: Series::default(),
            running: !predicts && watch.as_ref().is_none_or(|watch| watch.on() != Split::Train),
            validation: splits.validation.as_ref().map(|_| Series::default()),
            test: splits.test.as_ref().map(|_| Series::default()),
        };
        if let Some(on) = watch.as_ref().map(Monitor::on)
            && history.split(on).is_none()
        {
            return Err(TrainError::NoSplit { split: on.name() });
        }
        let measures = config.measures();
        let sums = || Sums::new(&measures, data.classes().unwrap_or(0));
        for series in
            [Some(&mut history.train), history.validation.as_mut(), history.test.as_mut()].into_iter().flatten()
        {
            series.reserve(config.epochs, &measures);
        }
        Ok(Self {
            optimizer: config.optimizer.build(model.parameters.len()),
            order: Order::new(config, stage, samples.n(), streams),
            config: config.clone(),
            data: samples,
            augmenter,
            model,
            passes,
            watched,
            evaluation,
            ahead: false,
            passing: sums(),
            measured: sums(),
            end: None,
            history,
            step: 0,
            trial: Trial::default(),
            snapshots: Vec::new(),
            wanted: config
                .snapshots
                .as_ref()
                .map(|s| s.list(config.epochs))
                .unwrap_or_default()
                .into_iter()
                .rev()
                .collect(),
            hooks: Recorder::default(),
            watch,
        })
    }

    /// Gathers statistics of tensors while the batches pass, from the next epoch on, in place of any asked for before.
    ///
    /// # Errors
    /// When the model has no such tensor.
    pub fn with_hooks(mut self, hooks: &[Hook]) -> Result<Self, TrainError> {
        let graphs = self.passes.iter().map(|pass| &pass.network.graph);
        self.hooks = Recorder::new(hooks, &self.model, graphs, self.config.epochs)?;
        Ok(self)
    }

    /// Trains to the end, which may be an early one. `observer` is called after every epoch and may stop the run.
    ///
    /// # Errors
    /// When a number stops being finite.
    pub fn run(mut self, observer: &mut dyn FnMut(&Trainer) -> Control) -> Result<Fit, TrainError> {
        self.train(observer)?;
        Ok(self.finish())
    }

    /// The epochs of [`Trainer::run`].
    ///
    /// # Errors
    /// As there.
    pub fn train(&mut self, observer: &mut dyn FnMut(&Trainer) -> Control) -> Result<(), TrainError> {
        self.begin();
        while !self.is_over() {
            self.epoch()?;
            if observer(self) == Control::Stop {
                return Ok(());
            }
        }
        self.measure_end();
        self.check_end()
    }

    /// Whether the model to be left has a finite loss on every split.
    fn check_end(&self) -> Result<(), TrainError> {
        let kept = self.watch.as_ref().and_then(Monitor::kept);
        let epoch = kept.map_or(self.history.epochs(), |(best, _)| best);
        let score = |split| left(&self.history, epoch, self.end, split);
        let bad =
            Split::ALL.into_iter().find_map(|split| Some((split, score(split)?.loss)).filter(|s| !s.1.is_finite()));
        let history = || Box::new(self.history.clone());
        bad.map_or(Ok(()), |(split, value)| Err(TrainError::Score { split: split.name(), value, history: history() }))
    }

    /// Whether the last epoch has ended.
    pub fn is_over(&self) -> bool {
        self.history.epochs() >= self.config.epochs || self.watch.as_ref().is_some_and(Monitor::is_over)
    }

    /// Keeps the parameters if this epoch's were asked for.
    fn snapshot(&mut self) {
        let epoch = self.history.epochs();
        if self.wanted.last() == Some(&epoch) {
            self.wanted.pop();
            self.snapshots.push(Snapshot { epoch, parameters: self.model.parameters.values().to_vec() });
        }
    }

    /// Measures the untrained model, unless that has been done.
    pub fn begin(&mut self) {
        if self.history.train.loss.is_empty() {
            self.look_ahead();
            self.record(false);
        }
    }

    /// One pass over the training samples, and one measurement of the splits; before the first, [`Trainer::begin`]. Allocates
    /// nothing, except where a snapshot is asked for.
    ///
    /// # Errors
    /// When a loss, a gradient or a parameter stops being finite.
    pub fn epoch(&mut self) -> Result<(), TrainError> {
        self.begin();
        self.snapshot();
        self.hooks.begin(self.history.epochs() + 1);
        self.passing.clear();
        match self.config.batch {
            Batch::Full => self.tried(|trainer| {
                if trainer.augmenter.is_some() {
                    trainer.feed(0, 0..trainer.data.n());
                }
                trainer.step(0)?;
                trainer.look_ahead();
                Ok::<(), TrainError>(())
            })?,
            Batch::Size(_) => {
                self.order.next_epoch();
                let (n, size) = (self.data.n(), self.passes[0].rows);
                for start in (0..n).step_by(size) {
                    let rows = size.min(n - start);
                    let pass = usize::from(rows < size);
                    self.tried(|trainer| {
                        trainer.feed(pass, start..start + rows);
                        trainer.step(pass)
                    })?;
                }
            }
        }
        self.record(true);
        if self.ahead && !self.passes[0].loss().is_finite() {
            return Err(self.diverged(0));
        }
        if let Some(watch) = &mut self.watch {
            watch.observe(&self.history, self.model.parameters.values());
        }
        Ok(())
    }

    /// Writes the samples at these places of the order to a step's graph, changed where that is asked for, and asks memory for
    /// those of the next step.
    fn feed(&mut self, pass: usize, places: Range<usize>) {
        let next = places.end..self.data.n().min(places.end + places.len());
        let (rows, pass) = (&self.order.places()[places], &mut self.passes[pass]);
        match &mut self.augmenter {
            Some(augmenter) => {
                augmenter.gather(rows, self.history.epochs(), pass.samples_mut());
                self.data.gather_targets(rows, pass);
            }
            None => {
                self.data.gather(rows, pass);
                self.data.x.ask(&self.order.places()[next]);
            }
        }
    }

    /// Where a step's pass gives what the model predicts, walks it forward: that measures the training split, and the next step
    /// need not do it again.
    fn look_ahead(&mut self) {
        if self.evaluation.is_none() && !self.ahead {
            self.passes[0].network.graph.forward(&self.model.parameters);
            self.ahead = true;
        }
    }

    /// Notes how good the model is on every split; `passed` says whether the training split has been summed in passing.
    fn record(&mut self, passed: bool) {
        let (parameters, sums) = (&self.model.parameters, &mut self.measured);
        let train = match &mut self.evaluation {
            Some(_) if passed && self.history.running => self.passing.score(),
            Some(evaluation) => evaluation.score(&self.data, parameters, sums),
            None => sums.of(&self.passes[0]),
        };
        self.history.train.push(train);
        let series = [self.history.validation.as_mut(), self.history.test.as_mut()];
        for (watched, series) in self.watched.iter_mut().zip(series) {
            if let (Some((examples, evaluation)), Some(series)) = (watched, series) {
                series.push(evaluation.score(examples, parameters, sums));
            }
        }
    }

    /// Measures the model to be left on the training split, if its history cannot tell.
    fn measure_end(&mut self) {
        let Some(evaluation) = self.evaluation.as_mut().filter(|_| self.history.running && self.end.is_none()) else {
            return;
        };
        let kept = self.watch.as_ref().and_then(Monitor::kept);
        let mut parameters = self.model.parameters.clone();
        if let Some((_, kept)) = kept {
            parameters.values_mut().copy_from_slice(kept);
        }
        self.end = Some(evaluation.score(&self.data, &parameters, &mut self.measured));
    }

    /// Does the work alone or with several threads, whichever has been found to be faster.
    fn tried<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let mut trial = std::mem::take(&mut self.trial);
        let result = trial.run(|| work(self));
        self.trial = trial;
        result
    }

    /// Forward, backward, update.
    fn step(&mut self, pass: usize) -> Result<(), TrainError> {
        let Self { model, passes, optimizer, config, hooks, ahead, passing, .. } = self;
        let index = pass;
        let pass = &mut passes[index];
        if !std::mem::take(ahead) {
            pass.network.graph.forward(&model.parameters);
        }
        let loss = pass.loss();
        if !loss.is_finite() {
            return Err(self.diverged(self.passes.iter().position(|p| !p.loss().is_finite()).unwrap_or(0)));
        }
        passing.add(pass);
        pass.network.graph.backward(&mut model.parameters);
        hooks.passed(index, &pass.network.graph, &model.parameters);
        pass.network.graph.advance(&mut model.parameters);
        pass.steps += 1;
        let steps_per_epoch = self.data.n().div_ceil(passes[0].rows);
        let lr = config.learning_rate(self.step, steps_per_epoch);
        let (values, gradients) = model.parameters.split_mut();
        optimizer.step(values, gradients, lr);
        hooks.stepped(values);
        if !tensor::reduce::all_finite(values) {
            return Err(self.diverged(0));
        }
        self.step += 1;
        Ok(())
    }

    /// Finds what went bad first: a node's value, else a gradient (from the loss backwards), else a parameter.
    fn diverged(&self, pass: usize) -> TrainError {
        let graph = &self.passes[pass].network.graph;
        let parameters = &self.model.parameters;
        let bad = |values: &[f32]| values.iter().copied().find(|v| !v.is_finite());
        let value = graph.nodes().find_map(|n| Some((Culprit::Value(graph.name_of(n).into()), bad(graph.value(n))?)));
        let of_parameter = |name: &str, array: fn(&Parameters) -> &[f32]| {
            let range = parameters.find(name).map(|id| parameters.parameter(id).range.clone())?;
            bad(&array(parameters)[range])
        };
        let gradient = || {
            graph.nodes().collect::<Vec<_>>().into_iter().rev().find_map(|n| {
                let name = graph.name_of(n);
                let value = bad(graph.gradient(n)).or_else(|| of_parameter(name, Parameters::gradients))?;
                Some((Culprit::Gradient(name.into()), value))
            })
        };
        let parameter = || {
            parameters
                .list()
                .iter()
                .find_map(|p| Some((Culprit::Parameter(p.name.clone()), of_parameter(&p.name, Parameters::values)?)))
        };
        let (culprit, value) =
            value.or_else(gradient).or_else(parameter).unwrap_or((Culprit::Value("loss".into()), f32::NAN));
        let steps_per_epoch = self.data.n().div_ceil(self.passes[0].rows);
        TrainError::Diverged(Box::new(Divergence {
            culprit,
            value,
            epoch: self.history.epochs(),
            step: self.step,
            lr: self.config.learning_rate(self.step, steps_per_epoch),
            largest_input: self.data.x.iter().fold(0.0, |m: f32, v| m.max(v.abs())),
            history: self.history.clone(),
        }))
    }

    /// The model as trained so far.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How good the model was so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The result.
    pub fn finish(mut self) -> Fit {
        let epoch = self.history.epochs();
        self.measure_end();
        // A run that was stopped ends its snapshots where it ended.
        if self.config.snapshots.is_some() && self.snapshots.last().is_none_or(|s| s.epoch != epoch) {
            self.wanted = vec![epoch];
            self.snapshot();
        }
        let kept = self.watch.as_ref().and_then(Monitor::kept);
        let mut last = None;
        if let Some((best, parameters)) = kept {
            last = (best != epoch).then(|| self.model.parameters.values().to_vec());
            self.model.parameters.values_mut().copy_from_slice(parameters);
        }
        // The last step's gradients are not part of the result.
        self.model.parameters.split_mut().1.fill(0.0);
        Fit {
            epoch: kept.map_or(epoch, |(best, _)| best),
            model: self.model,
            history: self.history,
            train: self.end,
            last,
            loss: self.config.loss,
            snapshots: self.snapshots,
            recordings: self.hooks.finish(epoch),
        }
    }
}
