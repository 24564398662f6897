//! Champion or challenger: which of the two answers for a customer. The same customer always gets the same one, in every
//! process and every release, as long as `CHALLENGER_PERCENT` stays; a larger percentage keeps those who were there.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::config::Shadow;
use crate::context::{Context, Purpose};
use crate::model::{Models, ServedModel};

/// Sets the sides apart from the hold-out, which hashes the same ids. Changing it would move customers to the other side:
/// never change it.
const SALT: &[u8] = b"churn champion and challenger, first and last edition\0";

/// Who does what for one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    /// The model that answers.
    pub(crate) served: &'static ServedModel,
    /// Its role, as the answer names it.
    pub(crate) variant: &'static str,
    /// The other one and its role, where it scores too.
    pub(crate) shadow: Option<(&'static ServedModel, &'static str)>,
}

impl Sides {
    /// One model for every row: no split, no shadow.
    pub(crate) fn alone(served: &'static ServedModel, variant: &'static str) -> Self {
        Self { served, variant, shadow: None }
    }

    /// The champion alone.
    pub(crate) fn champion(models: Models) -> Self {
        Self::alone(models.champion, "champion")
    }

    /// The model of this version alone, where it is served.
    pub(crate) fn of_version(models: Models, version: &str) -> Option<Self> {
        let challenger = models.challenger.map(|challenger| Self::alone(challenger, "challenger"));
        let known = [Some(Self::champion(models)), challenger];
        known.into_iter().flatten().find(|sides| sides.served.version == version)
    }
}

/// The sides of a row: by the customer's id, or by the prediction's where he has none. A trial takes no part.
pub(crate) fn sides(context: &Context, customer_id: Option<&str>, prediction_id: Uuid) -> Sides {
    let (models, config) = (context.shared.models, &context.shared.config);
    let champion = models.champion;
    let (Some(challenger), Purpose::Decision) = (models.challenger, context.purpose) else {
        return Sides::champion(models);
    };
    let fraction = config.challenger_percent / 100.0;
    let challenged = 0.0 < fraction
        && match customer_id {
            Some(id) => place(id) < fraction,
            None => place(prediction_id.hyphenated().encode_lower(&mut Uuid::encode_buffer())) < fraction,
        };
    let (served, variant, other) = if challenged {
        (challenger, "challenger", (champion, "champion"))
    } else {
        (champion, "champion", (challenger, "challenger"))
    };
    let shadow = match config.shadow {
        Shadow::On => Some(other),
        Shadow::Off => None,
    };
    Sides { served, variant, shadow }
}

/// Where `id` stands among all ids, in [0, 1): the first 53 bits of its salted hash, which an f64 holds exactly.
fn place(id: &str) -> f64 {
    let digest = Sha256::new_with_prefix(SALT).chain_update(id).finalize();
    let bits = digest.iter().take(8).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    (bits >> 11) as f64 / 2.0_f64.powi(53)
}

#[cfg(test)]
mod tests {
    use churn::{CustomerRecord, is_held_out};

    use super::*;

    #[test]
    fn a_customer_keeps_his_place_over_releases() {
        let check =
            |id, expected: f64| assert_eq!(place(id).to_bits(), expected.to_bits(), "{id}: {}", place(id));
        check("", 0.080_816_888_335_511_93);
        check("7590-VHVEG", 0.446_658_220_378_590_26);
        check("C-1001", 0.007_652_550_338_015_707);
        check("Zoë", 0.335_856_380_651_535_67);
        check("019ab122-6a7b-7000-8000-000000000001", 0.420_691_807_138_445_56);
    }

    #[test]
    fn every_percentage_gets_its_share_of_customers() {
        let mut counts = [0_u32; 100];
        for id in 0..100_000 {
            counts[(place(&format!("{id:04}-VHVEG")) * 100.0) as usize] += 1;
        }
        let mut below = 0;
        for (percent, count) in (1..).zip(counts) {
            below += count;
            let share = f64::from(below) / 1000.0;
            assert!((share - f64::from(percent)).abs() < 1.0, "{share} % instead of {percent} %");
            assert!((850..1150).contains(&count), "{count} of about 1000 at {percent} %");
        }
    }

    #[test]
    fn the_hold_out_is_on_both_sides() {
        let body = r#"{"SeniorCitizen":0,"tenure":2,"MonthlyCharges":70.7,"TotalCharges":"151.65",
            "InternetService":"DSL","OnlineSecurity":"No","TechSupport":"No","StreamingTV":"No",
            "Contract":"One year","PaymentMethod":"Mailed check","PaperlessBilling":"Yes"}"#;
        let mut record = CustomerRecord::parse(&serde_json::from_str(body).unwrap()).unwrap();
        let (mut held_out, mut challenged) = (0, 0);
        for id in 0..20_000 {
            let id = id.to_string();
            let side = place(&id) < 0.5;
            record.customer_id = Some(id);
            held_out += i32::from(is_held_out(&record, 0.3));
            challenged += i32::from(is_held_out(&record, 0.3) && side);
        }
        let share = f64::from(challenged) / f64::from(held_out);
        assert!((share - 0.5).abs() < 0.03, "{share} of {held_out}");
    }
}
