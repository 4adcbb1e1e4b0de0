package ledger

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/attrmgr"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

const (
	enrolmentAttribute = "hf.EnrollmentID"
	rolesAttribute     = "medconsent.roles"
)

// Caller is who sent the transaction, as the certificate says and nothing else. Fabric has checked the certificate against the institution's CA.
type Caller struct{ records.By }

// Person is the caller without the roles.
func (c Caller) Person() records.Person { return records.Person{Institution: c.Institution, ID: c.ID} }

// Has tells whether the certificate carries one of the roles.
func (c Caller) Has(roles ...string) bool {
	for _, role := range roles {
		if slices.Contains(c.Roles, role) {
			return true
		}
	}
	return false
}

// Need refuses with FORBIDDEN when the certificate carries none of the roles.
func (c Caller) Need(roles ...string) error {
	if c.Has(roles...) {
		return nil
	}
	return refusal.New(refusal.Forbidden, "%s acts as %s here, and the certificate of %s does not say that role", c.Person(), strings.Join(roles, " or "), c.ID).
		Hinting("the CA of %s gives roles in the attribute %s; enrol again after it was set", c.Institution, rolesAttribute)
}

// InstitutionOfCaller is the MSP ID of whoever asks; queries need no more.
//
// Refuses with FORBIDDEN when the MSP ID is not a name of an institution.
func (tx *Tx) InstitutionOfCaller() (string, error) {
	creator, err := tx.creator()
	if err != nil {
		return "", err
	}
	return creator.Mspid, nil
}

func (tx *Tx) creator() (*msp.SerializedIdentity, error) {
	serialized, err := tx.stub.GetCreator()
	if err != nil {
		return nil, err
	}
	creator := &msp.SerializedIdentity{}
	if err := proto.Unmarshal(serialized, creator); err != nil {
		return nil, refusal.New(refusal.Forbidden, "the caller's identity cannot be read")
	}
	if !records.IsInstitution(creator.Mspid) {
		return nil, refusal.New(refusal.Forbidden, "%q is not the name of an institution", creator.Mspid)
	}
	return creator, nil
}

// Caller reads institution, enrolment id and roles from the certificate.
//
// Refuses with FORBIDDEN when the certificate does not say who it is for, or its time has not begun: Fabric refuses only one whose time is over.
func (tx *Tx) Caller() (Caller, error) {
	if tx.actor != nil {
		return *tx.actor, nil
	}
	creator, err := tx.creator()
	if err != nil {
		return Caller{}, err
	}
	block, _ := pem.Decode(creator.IdBytes)
	if block == nil {
		return Caller{}, refusal.New(refusal.Forbidden, "the caller's certificate cannot be read")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Caller{}, refusal.New(refusal.Forbidden, "the caller's certificate cannot be read")
	}
	if begins := certificate.NotBefore; begins.After(time.Unix(int64(tx.Time), 0).Add(ClockTolerance)) {
		return Caller{}, refusal.New(refusal.Forbidden, "the caller's certificate is not valid before %s", begins.UTC().Format(time.RFC3339)).
			Hinting("the CA of %s issued it for a later time: wait, or enrol again", creator.Mspid)
	}
	attributes, err := attrmgr.New().GetAttributesFromCert(certificate)
	if err != nil {
		return Caller{}, refusal.New(refusal.Forbidden, "the attributes of the caller's certificate cannot be read")
	}
	id, _, _ := attributes.Value(enrolmentAttribute)
	if id != certificate.Subject.CommonName || !records.IsPerson(id) {
		return Caller{}, refusal.New(refusal.Forbidden, "the certificate of %q at %s does not carry the same enrolment id in %s, or it is not an id of ours",
			certificate.Subject.CommonName, creator.Mspid, enrolmentAttribute).
			Hinting("enrol with %s among the requested attributes; an id is lower-case letters and digits, with single dots, dashes or underscores between", enrolmentAttribute)
	}
	return Caller{records.By{Institution: creator.Mspid, ID: id, Roles: rolesIn(attributes), Key: records.Digest(certificate.RawSubjectPublicKeyInfo)}}, nil
}

// rolesIn reads the comma-separated list, in the order of records.Roles; a role that this version does not know counts for nothing.
func rolesIn(attributes *attrmgr.Attributes) []string {
	value, _, _ := attributes.Value(rolesAttribute)
	claimed := strings.Split(value, ",")
	for i := range claimed {
		claimed[i] = strings.TrimSpace(claimed[i])
	}
	roles := []string{}
	for _, role := range records.Roles {
		if slices.Contains(claimed, role) {
			roles = append(roles, role)
		}
	}
	return roles
}
