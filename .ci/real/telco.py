"""The Telco file as this project and as scikit-learn see it."""

import csv
import hashlib

FIELDS = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges", "InternetService", "OnlineSecurity",
          "TechSupport", "StreamingTV", "Contract", "PaymentMethod", "PaperlessBilling"]
NUMBERS = ["SeniorCitizen", "tenure", "MonthlyCharges"]
FEATURES = ["tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen", "InternetService", "Contract",
            "PaymentMethod", "PaperlessBilling"]
CODES = {
    "InternetService": ["DSL", "Fiber optic", "No"],
    "Contract": ["Month-to-month", "One year", "Two year"],
    "PaymentMethod": ["Bank transfer (automatic)", "Credit card (automatic)", "Electronic check", "Mailed check"],
    "PaperlessBilling": ["No", "Yes"],
}
SALT = b"churn hold-out, first and last edition\0"


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def customer(row):
    """The JSON body of one row: numbers as numbers, the total as the text that stands in the file."""
    body = {name: float(row[name]) if name in NUMBERS else row[name] for name in FIELDS}
    return {"customerID": row["customerID"], **body}


def features(row):
    """The eight numbers, written a second time and independently of the Rust transform."""
    def value(name):
        if name in CODES:
            return float(CODES[name].index(row[name]))
        return float(row[name]) if row[name].strip() else 0.0
    return [value(name) for name in FEATURES]


def churned(row):
    return row["Churn"] == "Yes"


def held_out(row, fraction=0.3):
    digest = hashlib.sha256(SALT + row["customerID"].encode()).digest()
    return int.from_bytes(digest[:8], "big") < fraction * 2**64
