//! A BERT encoder (Devlin et al. 2019): what a text means, from its tokens, in single precision on the processor.

use serde::Deserialize;

use super::BadModel;
use super::matrix::{Matrix, add_product, layer_norm, softmax};
use super::weights::Tensors;

/// What `config.json` says of the model.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Config {
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    pub(super) max_position_embeddings: usize,
    #[serde(default = "two")]
    type_vocab_size: usize,
    vocab_size: usize,
    #[serde(default = "tiny")]
    layer_norm_eps: f32,
    #[serde(default = "gelu_name")]
    hidden_act: String,
    model_type: String,
}

fn two() -> usize {
    2
}

fn tiny() -> f32 {
    1e-12
}

fn gelu_name() -> String {
    "gelu".to_owned()
}

/// A layer's weights and what is added to its products.
struct Dense {
    weight: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
}

/// Shift and scale after normalisation.
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

struct Layer {
    query: Dense,
    key: Dense,
    value: Dense,
    attended: Dense,
    attended_norm: Norm,
    widened: Dense,
    narrowed: Dense,
    norm: Norm,
}

/// A loaded model.
pub(super) struct Bert {
    config: Config,
    words: Vec<f32>,
    positions: Vec<f32>,
    kinds: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Bert {
    /// Loads the weights that `config` asks for.
    pub(super) fn load(config: Config, tensors: &Tensors<'_>) -> Result<Self, BadModel> {
        let bad = |what: &str| Err(BadModel(format!("config.json: {what}")));
        if config.model_type != "bert" {
            return bad(&format!(
                "models of the type {} are not understood, only bert",
                config.model_type
            ));
        }
        if config.hidden_act != "gelu" {
            return bad(&format!("hidden_act {} is not understood, only gelu", config.hidden_act));
        }
        if config.num_attention_heads == 0
            || !config.hidden_size.is_multiple_of(config.num_attention_heads)
        {
            return bad("the heads do not share hidden_size evenly");
        }
        let hidden = config.hidden_size;
        let table =
            |name: &str, rows| tensors.take(&format!("embeddings.{name}.weight"), &[rows, hidden]);
        let layers = (0..config.num_hidden_layers).map(|n| Layer::load(&config, tensors, n));
        Ok(Self {
            words: table("word_embeddings", config.vocab_size)?,
            positions: table("position_embeddings", config.max_position_embeddings)?,
            kinds: table("token_type_embeddings", config.type_vocab_size)?,
            norm: Norm::load(&config, tensors, "embeddings.LayerNorm")?,
            layers: layers.collect::<Result<_, _>>()?,
            config,
        })
    }

    /// How many parts a vector has.
    pub(super) fn dimensions(&self) -> usize {
        self.config.hidden_size
    }

    /// How many tokens it knows.
    pub(super) fn vocabulary(&self) -> usize {
        self.config.vocab_size
    }

    /// The last layer's vector of each token, one after the other.
    pub(super) fn run(&self, tokens: &[u32]) -> Vec<f32> {
        let hidden = self.config.hidden_size;
        let mut state = Vec::with_capacity(tokens.len() * hidden);
        for (position, token) in tokens.iter().enumerate() {
            let row = |table: &[f32], n: usize| table[n * hidden..(n + 1) * hidden].to_vec();
            let (word, place) = (row(&self.words, *token as usize), row(&self.positions, position));
            let kind = &self.kinds[..hidden];
            state.extend(
                word.iter().zip(place).zip(kind).map(|((word, place), kind)| word + place + kind),
            );
        }
        self.norm.apply(&mut state);
        for layer in &self.layers {
            state = layer.run(&state, tokens.len(), self.config.num_attention_heads);
        }
        state
    }
}

impl Layer {
    fn load(config: &Config, tensors: &Tensors<'_>, n: usize) -> Result<Self, BadModel> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{n}.{part}");
        let dense =
            |part: &str, inputs, outputs| Dense::load(tensors, &name(part), inputs, outputs);
        Ok(Self {
            query: dense("attention.self.query", hidden, hidden)?,
            key: dense("attention.self.key", hidden, hidden)?,
            value: dense("attention.self.value", hidden, hidden)?,
            attended: dense("attention.output.dense", hidden, hidden)?,
            attended_norm: Norm::load(config, tensors, &name("attention.output.LayerNorm"))?,
            widened: dense("intermediate.dense", hidden, wide)?,
            narrowed: dense("output.dense", wide, hidden)?,
            norm: Norm::load(config, tensors, &name("output.LayerNorm"))?,
        })
    }

    fn run(&self, state: &[f32], tokens: usize, heads: usize) -> Vec<f32> {
        let context = self.attend(state, tokens, heads);
        let mut attended = self.attended.apply(&context, tokens);
        add(&mut attended, state);
        self.attended_norm.apply(&mut attended);
        let mut wide = self.widened.apply(&attended, tokens);
        for x in &mut wide {
            *x = gelu(*x);
        }
        let mut out = self.narrowed.apply(&wide, tokens);
        add(&mut out, &attended);
        self.norm.apply(&mut out);
        out
    }

    /// What each token takes from all tokens, head by head.
    fn attend(&self, state: &[f32], tokens: usize, heads: usize) -> Vec<f32> {
        let [query, key, value] =
            [&self.query, &self.key, &self.value].map(|dense| dense.apply(state, tokens));
        let hidden = self.query.bias.len();
        let width = hidden / heads;
        #[expect(clippy::cast_precision_loss, reason = "a head is some dozens wide")]
        let scale = 1.0 / (width as f32).sqrt();
        let mut context = vec![0.0; tokens * hidden];
        let mut weights = vec![0.0; tokens * tokens];
        for head in 0..heads {
            let part = |of| Matrix::part(of, tokens, width, hidden, head * width);
            weights.fill(0.0);
            add_product(scale, part(&query), part(&key).turned(), &mut weights, tokens, 0);
            weights.chunks_exact_mut(tokens).for_each(softmax);
            let weights = Matrix::part(&weights, tokens, tokens, tokens, 0);
            add_product(1.0, weights, part(&value), &mut context, hidden, head * width);
        }
        context
    }
}

impl Dense {
    fn load(
        tensors: &Tensors<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, BadModel> {
        let weight = tensors.take(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok(Self { weight, bias: tensors.take(&format!("{name}.bias"), &[outputs])?, inputs })
    }

    fn apply(&self, state: &[f32], tokens: usize) -> Vec<f32> {
        let outputs = self.bias.len();
        let mut out = self.bias.repeat(tokens);
        let state = Matrix::part(state, tokens, self.inputs, self.inputs, 0);
        let weight = Matrix::part(&self.weight, outputs, self.inputs, self.inputs, 0).turned();
        add_product(1.0, state, weight, &mut out, outputs, 0);
        out
    }
}

impl Norm {
    fn load(config: &Config, tensors: &Tensors<'_>, name: &str) -> Result<Self, BadModel> {
        let part = |part: &str| tensors.take(&format!("{name}.{part}"), &[config.hidden_size]);
        Ok(Self { weight: part("weight")?, bias: part("bias")?, epsilon: config.layer_norm_eps })
    }

    fn apply(&self, state: &mut [f32]) {
        for row in state.chunks_exact_mut(self.weight.len()) {
            layer_norm(row, &self.weight, &self.bias, self.epsilon);
        }
    }
}

fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// The Gaussian error linear unit, with the error function of Abramowitz and Stegun 7.1.26: exact to 1.5e-7.
fn gelu(x: f32) -> f32 {
    let z = x * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z.abs());
    let series = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_7) * t - 0.284_496_74) * t
        + 0.254_829_6)
        * t;
    let erf = (1.0 - series * (-z * z).exp()).copysign(z);
    0.5 * x * (1.0 + erf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gelu_is_the_one_that_models_were_trained_with() {
        for (x, expected) in
            [(0.0, 0.0), (1.0, 0.841_344_7), (-1.0, -0.158_655_3), (3.0, 2.995_950_3), (-6.0, 0.0)]
        {
            assert!((gelu(x) - expected).abs() < 1e-5, "{x}: {}", gelu(x));
        }
    }
}
