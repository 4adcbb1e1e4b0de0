package sample

// Ids are the ids of the records in a list of an answer.
func Ids(answer object, path ...any) []string {
	list := []string{}
	for _, item := range answer["items"].([]any) {
		id, _ := In(item, path...).(string)
		list = append(list, id)
	}
	return list
}
