//! The process that synthetic customers are drawn from, with the true probability of churn of each.
//!
//! Contract first; tenure by contract; internet by itself; price by internet and services; the total by tenure and
//! price; payment by contract. The log-odds of churn are a sum over those, so the best possible ranking is known.
//! Only uniform draws and `libm` are used: a seed gives the same customers on every machine.

use churn::{
    CUSTOMER_ID, Category, Cell, Contract, CustomerRecord, Field, InternetService, PaymentMethod, Record,
    ServiceOption, YesNo,
};
use clap::ValueEnum;
use rand::RngExt;
use rand_pcg::Pcg64;

/// A drawn customer.
pub(crate) struct Drawn {
    pub(crate) record: CustomerRecord,
    /// The true probability of churn.
    pub(crate) probability: f64,
    pub(crate) churned: bool,
}

/// Log-odds of a customer for whom every other term is 0; gives a churn rate of 44.6 %.
const BASE: f64 = -0.718;

/// What has changed since the model was trained. At one seed the customers are the same in all that a shift does not
/// name; only another mix of contracts brings other customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shift {
    /// Every monthly charge is 15 % higher; totals are still of the old price.
    PriceRise,
    /// Month-to-month contracts are 80 % instead of 55 %, two-year contracts 8 % instead of 24 %.
    ContractMix,
    /// Three in four electronic checks have become credit card payments.
    NewPayment,
    /// The same customers, another cause: contract and tenure weigh a third, price four times as much.
    Concept,
}

/// Draws one customer with this id.
pub(crate) fn draw(customer_id: String, shift: Option<Shift>, rng: &mut Pcg64) -> Drawn {
    let traits = Traits::draw(shift, rng);
    let probability = 1.0 / (1.0 + libm::exp(-traits.log_odds(shift)));
    Drawn { record: traits.record(customer_id), probability, churned: rng.random_bool(probability) }
}

/// A customer before he has a record.
struct Traits {
    contract: Contract,
    tenure: u16,
    internet: InternetService,
    services: [ServiceOption; 3],
    monthly: f64,
    total: f64,
    paperless: YesNo,
    payment: PaymentMethod,
    senior: bool,
}

impl Traits {
    fn draw(shift: Option<Shift>, rng: &mut Pcg64) -> Self {
        let shares = if shift == Some(Shift::ContractMix) { [0.80, 0.12, 0.08] } else { [0.55, 0.21, 0.24] };
        let [no_term, one_year, two_year] = shares;
        let contract = pick(
            rng,
            &[
                (Contract::MonthToMonth, no_term),
                (Contract::OneYear, one_year),
                (Contract::TwoYear, two_year),
            ],
        );
        let tenure = tenure(rng, contract);
        let internet = pick(
            rng,
            &[(InternetService::Dsl, 0.34), (InternetService::FiberOptic, 0.44), (InternetService::No, 0.22)],
        );
        let services = [0.35, 0.35, 0.5].map(|share| service(rng, internet, share));
        let monthly = monthly(rng, internet, &services);
        Self {
            contract,
            tenure,
            internet,
            services,
            monthly: if shift == Some(Shift::PriceRise) { in_cents(1.15 * monthly) } else { monthly },
            total: in_cents(f64::from(tenure) * monthly * rng.random_range(0.95..1.05)),
            paperless: if rng.random_bool(0.59) { YesNo::Yes } else { YesNo::No },
            payment: payment(rng, contract, shift),
            senior: rng.random_bool(0.16),
        }
    }

    fn log_odds(&self, shift: Option<Shift>) -> f64 {
        let [habit, price] = if shift == Some(Shift::Concept) { [1.0 / 3.0, 4.0] } else { [1.0, 1.0] };
        let contract = match self.contract {
            Contract::MonthToMonth => 0.9,
            Contract::OneYear => -0.5,
            Contract::TwoYear => -1.5,
        };
        let internet = match self.internet {
            InternetService::Dsl => 0.0,
            InternetService::FiberOptic => 0.6,
            InternetService::No => -0.5,
        };
        let holds = |holds: bool, weight: f64| if holds { weight } else { 0.0 };
        BASE + habit * contract
            + internet
            + holds(self.payment == PaymentMethod::ElectronicCheck, 0.5)
            + holds(self.paperless == YesNo::Yes, 0.25)
            + holds(self.senior, 0.3)
            - habit * 0.035 * (f64::from(self.tenure) - 24.0)
            + price * 0.012 * (self.monthly - 65.0)
    }

    fn record(&self, customer_id: String) -> CustomerRecord {
        let mut record = Record::default();
        record.insert(CUSTOMER_ID, Cell::Untyped(customer_id.into()));
        for field in Field::ALL {
            let text = match field {
                Field::SeniorCitizen => u8::from(self.senior).to_string().into(),
                Field::Tenure => self.tenure.to_string().into(),
                Field::MonthlyCharges => self.monthly.to_string().into(),
                Field::TotalCharges => self.total.to_string().into(),
                Field::InternetService => self.internet.label().into(),
                Field::OnlineSecurity => self.services[0].label().into(),
                Field::TechSupport => self.services[1].label().into(),
                Field::StreamingTv => self.services[2].label().into(),
                Field::Contract => self.contract.label().into(),
                Field::PaymentMethod => self.payment.label().into(),
                Field::PaperlessBilling => self.paperless.label().into(),
            };
            record.insert(field.name(), Cell::Untyped(text));
        }
        CustomerRecord::parse(&record).expect("the process draws only customers that the contract takes")
    }
}

fn in_cents(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}

/// One of `weighted`, whose weights add up to 1.
fn pick<T: Copy>(rng: &mut Pcg64, weighted: &[(T, f64)]) -> T {
    let mut left = rng.random_range(0.0..1.0);
    for &(value, weight) in weighted {
        if left < weight {
            return value;
        }
        left -= weight;
    }
    weighted[weighted.len() - 1].0
}

/// Months: few for those who are bound by nothing, many for those who signed for two years.
fn tenure(rng: &mut Pcg64, contract: Contract) -> u16 {
    match contract {
        // The lower of two uniform draws: most are new.
        Contract::MonthToMonth => rng.random_range(0..=60).min(rng.random_range(0..=60)),
        Contract::OneYear => rng.random_range(3..=72),
        // The higher of two.
        Contract::TwoYear => rng.random_range(6..=72).max(rng.random_range(6..=72)),
    }
}

fn service(rng: &mut Pcg64, internet: InternetService, share: f64) -> ServiceOption {
    let taken = rng.random_bool(share);
    match (internet, taken) {
        (InternetService::No, _) => ServiceOption::NoInternetService,
        (_, true) => ServiceOption::Yes,
        (_, false) => ServiceOption::No,
    }
}

/// Dollars a month, in cents: a base by connection, five dollars a service, and a spread with its mode in the middle.
fn monthly(rng: &mut Pcg64, internet: InternetService, services: &[ServiceOption]) -> f64 {
    let (base, spread) = match internet {
        InternetService::No => (20.0, 2.0),
        InternetService::Dsl => (50.0, 14.0),
        InternetService::FiberOptic => (82.0, 14.0),
    };
    let taken = services.iter().filter(|&&service| service == ServiceOption::Yes).count() as f64;
    let spread = spread * (rng.random_range(-1.0..1.0) + rng.random_range(-1.0..1.0)) / 2.0;
    in_cents(base + 5.0 * taken + spread)
}

fn payment(rng: &mut Pcg64, contract: Contract, shift: Option<Shift>) -> PaymentMethod {
    let electronic = if contract == Contract::MonthToMonth { 0.48 } else { 0.14 };
    let other = (1.0 - electronic) / 3.0;
    let moved = if shift == Some(Shift::NewPayment) { 0.75 * electronic } else { 0.0 };
    pick(
        rng,
        &[
            (PaymentMethod::ElectronicCheck, electronic - moved),
            (PaymentMethod::CreditCard, other + moved),
            (PaymentMethod::MailedCheck, other),
            (PaymentMethod::BankTransfer, other),
        ],
    )
}
