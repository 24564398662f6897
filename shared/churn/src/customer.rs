//! The customer: eleven fields, their ranges and labels, and the one way from a raw record to a checked customer.
//!
//! With `transform` this is the only file that lists fields: doors, file formats, suggestions and documents derive
//! from [`Field`].

use std::borrow::Cow;

use serde::Serialize;
use validator::Validate;

use crate::category::{Category, category};
use crate::reader::{Reader, duplicate, out_of_range, too_long};
use crate::{Dollars, Months, Record, Refusal};

/// Name of the optional field that identifies a customer.
pub const CUSTOMER_ID: &str = "customerID";
/// Longest `customerID`, in characters.
pub const CUSTOMER_ID_MAX: u64 = 128;
const MONTHLY_CHARGES_MAX: f64 = 100_000.0;
const TOTAL_CHARGES_MAX: f64 = 10_000_000.0;
/// How much lower a monthly price may be offered, in percent, rising.
const PRICE_CUTS: [f64; 2] = [10.0, 20.0];

category! {
    /// How the customer is connected to the internet.
    InternetService { Dsl = "DSL", FiberOptic = "Fiber optic", No = "No" }
}
category! {
    /// An additional service, which needs an internet connection.
    ServiceOption { No = "No", NoInternetService = "No internet service", Yes = "Yes" }
}
category! {
    /// How long the customer is bound.
    Contract { MonthToMonth = "Month-to-month", OneYear = "One year", TwoYear = "Two year" }
}
category! {
    /// How the customer pays.
    PaymentMethod {
        BankTransfer = "Bank transfer (automatic)",
        CreditCard = "Credit card (automatic)",
        ElectronicCheck = "Electronic check",
        MailedCheck = "Mailed check",
    }
}
category! {
    /// Yes or no.
    YesNo { No = "No", Yes = "Yes" }
}

/// A field of the customer record, in the order of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the fields' own")]
pub enum Field {
    SeniorCitizen,
    Tenure,
    MonthlyCharges,
    TotalCharges,
    InternetService,
    OnlineSecurity,
    TechSupport,
    StreamingTv,
    Contract,
    PaymentMethod,
    PaperlessBilling,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number in `min..=max`.
    Integer {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
        /// What is counted.
        unit: &'static str,
    },
    /// A number of at least 0 (above 0 where `positive`) and at most `max`.
    Number {
        /// Whether 0 itself is refused.
        positive: bool,
        /// The largest.
        max: f64,
        /// What is measured.
        unit: &'static str,
    },
    /// One of these labels; the code of a label is its index.
    Category(&'static [&'static str]),
}

impl Field {
    /// Number of fields.
    pub const COUNT: usize = 11;

    /// Every field, in the order of the public contract.
    pub const ALL: [Self; Self::COUNT] = [
        Self::SeniorCitizen,
        Self::Tenure,
        Self::MonthlyCharges,
        Self::TotalCharges,
        Self::InternetService,
        Self::OnlineSecurity,
        Self::TechSupport,
        Self::StreamingTv,
        Self::Contract,
        Self::PaymentMethod,
        Self::PaperlessBilling,
    ];

    /// Place of the field in [`Field::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The field's name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SeniorCitizen => "SeniorCitizen",
            Self::Tenure => "tenure",
            Self::MonthlyCharges => "MonthlyCharges",
            Self::TotalCharges => "TotalCharges",
            Self::InternetService => "InternetService",
            Self::OnlineSecurity => "OnlineSecurity",
            Self::TechSupport => "TechSupport",
            Self::StreamingTv => "StreamingTV",
            Self::Contract => "Contract",
            Self::PaymentMethod => "PaymentMethod",
            Self::PaperlessBilling => "PaperlessBilling",
        }
    }

    /// What the field takes.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::SeniorCitizen => Kind::Integer { min: 0.0, max: 1.0, unit: "1 for yes, 0 for no" },
            Self::Tenure => Kind::Integer { min: 0.0, max: Months::MAX, unit: "months" },
            Self::MonthlyCharges => {
                Kind::Number { positive: true, max: MONTHLY_CHARGES_MAX, unit: "dollars" }
            }
            Self::TotalCharges => Kind::Number { positive: false, max: TOTAL_CHARGES_MAX, unit: "dollars" },
            Self::InternetService => Kind::Category(InternetService::LABELS),
            Self::OnlineSecurity | Self::TechSupport | Self::StreamingTv => {
                Kind::Category(ServiceOption::LABELS)
            }
            Self::Contract => Kind::Category(Contract::LABELS),
            Self::PaymentMethod => Kind::Category(PaymentMethod::LABELS),
            Self::PaperlessBilling => Kind::Category(YesNo::LABELS),
        }
    }

    /// The labels that the field takes; none for a number.
    #[must_use]
    pub const fn labels(self) -> &'static [&'static str] {
        match self.kind() {
            Kind::Category(labels) => labels,
            Kind::Integer { .. } | Kind::Number { .. } => &[],
        }
    }

    /// What the field takes, in words.
    #[must_use]
    pub fn expects(self) -> String {
        match self.kind() {
            Kind::Integer { min, max, unit } => format!("a whole number from {min} to {max} ({unit})"),
            Kind::Number { positive: true, max, unit } => {
                format!("a number above 0 and at most {max} ({unit})")
            }
            Kind::Number { positive: false, max, unit } => format!("a number from 0 to {max} ({unit})"),
            Kind::Category(labels) => format!("one of: {}", labels.join(", ")),
        }
    }
}

/// A customer whose every field was checked.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are the fields' own")]
pub struct Customer {
    pub senior_citizen: YesNo,
    pub tenure: Months,
    pub monthly_charges: Dollars,
    pub total_charges: Dollars,
    pub internet_service: InternetService,
    pub online_security: ServiceOption,
    pub tech_support: ServiceOption,
    pub streaming_tv: ServiceOption,
    pub contract: Contract,
    pub payment_method: PaymentMethod,
    pub paperless_billing: YesNo,
}

/// A customer and the name under which the caller knows him.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerRecord {
    /// `customerID`, at most 128 characters.
    pub customer_id: Option<String>,
    /// The eleven fields.
    pub customer: Customer,
}

impl CustomerRecord {
    /// The customer of `record`, or every fault that it has, in the order of the fields.
    ///
    /// # Errors
    /// At least one refusal; one for each field at fault.
    pub fn parse(record: &Record<'_>) -> Result<Self, Vec<Refusal>> {
        let mut refusals: Vec<Refusal> = record.duplicates().iter().copied().map(duplicate).collect();
        let raw = RawCustomer::read(record, &mut refusals);
        refusals.extend(raw.out_of_range());
        if refusals.is_empty() {
            return Ok(raw.checked().expect("a raw customer without refusals has every field in its range"));
        }
        refusals.sort_by_key(|refusal| Field::ALL.iter().position(|field| field.name() == refusal.field));
        Err(refusals)
    }
}

/// A record whose types are right; `None` where a refusal was already written. Ranges are declared here, once.
#[derive(Validate)]
struct RawCustomer {
    #[validate(length(max = CUSTOMER_ID_MAX))]
    customer_id: Option<String>,
    #[validate(range(min = 0.0, max = 1.0))]
    senior_citizen: Option<f64>,
    #[validate(range(min = 0.0, max = Months::MAX))]
    tenure: Option<f64>,
    #[validate(range(exclusive_min = 0.0, max = MONTHLY_CHARGES_MAX))]
    monthly_charges: Option<f64>,
    #[validate(range(min = 0.0, max = TOTAL_CHARGES_MAX))]
    total_charges: Option<f64>,
    internet_service: Option<InternetService>,
    online_security: Option<ServiceOption>,
    tech_support: Option<ServiceOption>,
    streaming_tv: Option<ServiceOption>,
    contract: Option<Contract>,
    payment_method: Option<PaymentMethod>,
    paperless_billing: Option<YesNo>,
}

impl RawCustomer {
    fn read(record: &Record<'_>, refusals: &mut Vec<Refusal>) -> Self {
        let mut reader = Reader::new(record, refusals);
        let tenure = reader.integer(Field::Tenure);
        Self {
            customer_id: reader.customer_id(),
            senior_citizen: reader.integer(Field::SeniorCitizen),
            tenure,
            monthly_charges: reader.number(Field::MonthlyCharges),
            total_charges: reader.amount_due(Field::TotalCharges, Field::Tenure, tenure),
            internet_service: reader.category(Field::InternetService),
            online_security: reader.category(Field::OnlineSecurity),
            tech_support: reader.category(Field::TechSupport),
            streaming_tv: reader.category(Field::StreamingTv),
            contract: reader.category(Field::Contract),
            payment_method: reader.category(Field::PaymentMethod),
            paperless_billing: reader.category(Field::PaperlessBilling),
        }
    }

    /// What `validator` finds, under the names of the wire.
    fn out_of_range(&self) -> Vec<Refusal> {
        let Err(errors) = self.validate() else { return Vec::new() };
        let refusal = |name: &str| match name {
            "senior_citizen" => out_of_range(Field::SeniorCitizen),
            "tenure" => out_of_range(Field::Tenure),
            "monthly_charges" => out_of_range(Field::MonthlyCharges),
            "total_charges" => out_of_range(Field::TotalCharges),
            "customer_id" => too_long(CUSTOMER_ID, CUSTOMER_ID_MAX),
            other => unreachable!("{other} declares a range and is not listed here"),
        };
        errors.field_errors().keys().map(|name| refusal(name)).collect()
    }

    fn checked(self) -> Option<CustomerRecord> {
        let customer = Customer {
            senior_citizen: if self.senior_citizen? == 1.0 { YesNo::Yes } else { YesNo::No },
            tenure: Months::parse(self.tenure?)?,
            monthly_charges: Dollars::parse(self.monthly_charges?)?,
            total_charges: Dollars::parse(self.total_charges?)?,
            internet_service: self.internet_service?,
            online_security: self.online_security?,
            tech_support: self.tech_support?,
            streaming_tv: self.streaming_tv?,
            contract: self.contract?,
            payment_method: self.payment_method?,
            paperless_billing: self.paperless_billing?,
        };
        Some(CustomerRecord { customer_id: self.customer_id, customer })
    }
}

/// The checked value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Integer(u16),
    /// A number.
    Number(f64),
    /// A label.
    Label(&'static str),
}

impl Customer {
    /// The value of `field`.
    #[must_use]
    pub fn value(&self, field: Field) -> Value {
        match field {
            Field::SeniorCitizen => Value::Integer(self.senior_citizen.code().into()),
            Field::Tenure => Value::Integer(self.tenure.get()),
            Field::MonthlyCharges => Value::Number(self.monthly_charges.get()),
            Field::TotalCharges => Value::Number(self.total_charges.get()),
            Field::InternetService => Value::Label(self.internet_service.label()),
            Field::OnlineSecurity => Value::Label(self.online_security.label()),
            Field::TechSupport => Value::Label(self.tech_support.label()),
            Field::StreamingTv => Value::Label(self.streaming_tv.label()),
            Field::Contract => Value::Label(self.contract.label()),
            Field::PaymentMethod => Value::Label(self.payment_method.label()),
            Field::PaperlessBilling => Value::Label(self.paperless_billing.label()),
        }
    }

    /// The value of `field` as text, as a CSV file holds it; numbers in the shortest form that reads back the same.
    #[must_use]
    pub fn text(&self, field: Field) -> Cow<'static, str> {
        match self.value(field) {
            Value::Integer(number) => number.to_string().into(),
            Value::Number(number) => number.to_string().into(),
            Value::Label(label) => label.into(),
        }
    }

    /// The value of `field` as one says it of a customer: `Month-to-month contract`, `Pays $89.10 a month`.
    #[must_use]
    pub fn phrase(&self, field: Field) -> Cow<'static, str> {
        match field {
            Field::SeniorCitizen => phrase(self.senior_citizen, ["Not a senior citizen", "Senior citizen"]),
            Field::Tenure => match self.tenure.get() {
                1 => "1 month with us".into(),
                months => format!("{months} months with us").into(),
            },
            Field::MonthlyCharges => format!("Pays {} a month", self.monthly_charges).into(),
            Field::TotalCharges => format!("Paid {} so far", self.total_charges).into(),
            Field::InternetService => {
                phrase(self.internet_service, ["DSL internet", "Fiber optic internet", "No internet"])
            }
            Field::OnlineSecurity | Field::TechSupport | Field::StreamingTv => {
                format!("{}: {}", field.name(), self.text(field)).into()
            }
            Field::Contract => {
                phrase(self.contract, ["Month-to-month contract", "One-year contract", "Two-year contract"])
            }
            Field::PaymentMethod => phrase(
                self.payment_method,
                [
                    "Pays by automatic bank transfer",
                    "Pays by automatic credit card",
                    "Pays by electronic check",
                    "Pays by mailed check",
                ],
            ),
            Field::PaperlessBilling => phrase(self.paperless_billing, ["Paper bills", "Paperless billing"]),
        }
    }

    /// The customer after each change that a retention agent may offer, and the field that it changes: a longer contract,
    /// another way to pay, a lower monthly price. Everything else stays as it is, what was paid so far among it.
    pub(crate) fn offers(&self) -> Vec<(Field, Self)> {
        // Labels of a contract stand in the order of its length.
        let longer = Contract::ALL.iter().filter(|contract| self.contract.code() < contract.code());
        let contracts = longer.map(|&contract| (Field::Contract, Self { contract, ..self.clone() }));
        let other = PaymentMethod::ALL.iter().filter(|method| **method != self.payment_method);
        let methods =
            other.map(|&payment_method| (Field::PaymentMethod, Self { payment_method, ..self.clone() }));
        let mut prices = PRICE_CUTS.map(|percent| self.monthly_charges.less(percent)).to_vec();
        prices.retain(|price| *price < self.monthly_charges);
        prices.dedup();
        let prices = prices
            .into_iter()
            .map(|monthly_charges| (Field::MonthlyCharges, Self { monthly_charges, ..self.clone() }));
        contracts.chain(methods).chain(prices).collect()
    }
}

/// The phrase of a category's value; a category with more labels than phrases does not compile.
fn phrase<C: Category, const N: usize>(value: C, phrases: [&'static str; N]) -> Cow<'static, str> {
    const { assert!(N == C::LABELS.len(), "a phrase for each label") };
    phrases[usize::from(value.code())].into()
}

impl Serialize for Customer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Field::ALL.map(|field| (field.name(), self.value(field))))
    }
}
