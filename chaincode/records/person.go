package records

// Person is somebody at an institution, by enrolment id.
type Person struct {
	Institution string `json:"institution"`
	ID          string `json:"id"`
}

// String is "nuri/kim".
func (p Person) String() string { return p.Institution + "/" + p.ID }
