package sample

const (
	Steward  = "hanbit/steward:steward"
	Operator = "hanbit/op:operator"
	Kim      = "nuri/kim:researcher"
)

func Profile() object {
	return object{"title": "Hanbit Hospital", "country": "KR", "contact": "https://hanbit.example/data", "roles": []string{"steward", "dac"}}
}
