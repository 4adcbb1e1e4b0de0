package main

import (
	"errors"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	complete := map[string]string{
		"CHAINCODE_ID": "medconsent_1:ab", "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:7052",
		"CHAINCODE_TLS_KEY": "key.pem", "CHAINCODE_TLS_CERT": "cert.pem", "CHAINCODE_CLIENT_CA_CERT": "ca.pem",
	}
	read := func(path string) ([]byte, error) {
		if path == "absent" {
			return nil, errors.New("no such file")
		}
		return []byte("content of " + path), nil
	}
	with := func(name, value string) func(string) string {
		return func(asked string) string {
			if asked == name {
				return value
			}
			return complete[asked]
		}
	}
	server, err := settings(with("", ""), read)
	if err != nil || server.TLSProps.Disabled || string(server.TLSProps.ClientCACerts) != "content of ca.pem" || server.CCID != "medconsent_1:ab" {
		t.Fatal(err, server)
	}
	for name := range complete {
		if _, err := settings(with(name, ""), read); err == nil || !strings.Contains(err.Error(), name+" is not set") {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if _, err := settings(with("CHAINCODE_TLS_KEY", "absent"), read); err == nil || !strings.Contains(err.Error(), "CHAINCODE_TLS_KEY: no such file") {
		t.Error(err)
	}
	if _, err := settings(with("CHAINCODE_TLS_DISABLED", "yes"), read); err == nil {
		t.Error("it can be true or false")
	}
	if _, err := settings(with("MEDCONSENT_ALARM_FILE", "alarm.json"), read); err != nil {
		t.Error(err)
	}
	if _, err := settings(with("MEDCONSENT_WATCH_WITHIN", "60"), read); err == nil || !strings.Contains(err.Error(), "MEDCONSENT_ALARM_FILE") {
		t.Error(err)
	}
	complete["MEDCONSENT_ALARM_FILE"] = "alarm.json"
	for within, right := range map[string]bool{"60": true, "0": false, "-1": false, "1m": false} {
		if _, err := settings(with("MEDCONSENT_WATCH_WITHIN", within), read); (err == nil) != right {
			t.Errorf("within %s: %v", within, err)
		}
	}
	if _, err := settings(with("MEDCONSENT_LEDGER_WITHIN", "60"), read); err == nil || !strings.Contains(err.Error(), "MEDCONSENT_INSTITUTION") {
		t.Error(err)
	}
	complete["MEDCONSENT_INSTITUTION"] = "hanbit"
	for within, right := range map[string]bool{"60": true, "0": false, "-1": false, "1m": false} {
		if _, err := settings(with("MEDCONSENT_LEDGER_WITHIN", within), read); (err == nil) != right {
			t.Errorf("the ledger within %s: %v", within, err)
		}
	}
	if server, err := settings(with("CHAINCODE_TLS_DISABLED", "true"), read); err != nil || !server.TLSProps.Disabled {
		t.Error(err)
	}
}
