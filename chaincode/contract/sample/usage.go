package sample

// Stating is a publication whose manifest has members besides its type.
func Stating(members object, more object) object {
	return With(With(Publication(), object{"manifest": object{"text": Text(With(object{"@type": "sc:Dataset"}, members))}}), more)
}
