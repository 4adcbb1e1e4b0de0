"""What the ledger says, in the forms that other systems read: HL7 FHIR and W3C ODRL. Nothing is decided from these."""
