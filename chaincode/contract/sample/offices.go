package sample

const (
	Steward  = "hanbit/steward:steward"
	Operator = "hanbit/op:operator"
	Kim      = "nuri/kim:researcher"
)

// Profile is what an institution says of itself.
func Profile() object {
	return object{"title": "Hanbit Hospital", "country": "KR", "contact": "https://hanbit.example/data", "roles": []string{"steward", "dac"}}
}
