package input

import (
	"cmp"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"medconsent.org/chaincode/records"
)

// Argument is what a transaction is called with.
type Argument interface {
	// Check notes what is wrong with it.
	Check(c *Checker)
}

// Describe says what an argument has to be, by its members' types and by what its own check asks of each: so the check is the only place where a bound stands. The
// check is run on samples: on one of which every list and object is there and every single value is left out, to see what must be given; on that one without one
// list or object, for each of them; and on full ones, one for each word of each list of words and one without each member, because what a check asks of one member can
// depend on another.
//
// Objects are referred to by the names of their types (#/$defs/Purpose), which are added to the definitions.
func Describe[A Argument](definitions map[string]*Schema) *Schema {
	d := describing{shape: shapeOf(reflect.TypeFor[A]()), notes: notes{}}
	d.try(func(tree any) { run[A](tree, d.notes) })
	return d.schema(d.shape, "", definitions)
}

// run makes an argument of a sample and has it checked, by a checker that notes.
func run[A Argument](sample any, into notes) {
	text, err := json.Marshal(sample)
	if err != nil {
		return
	}
	var argument A
	if err := json.Unmarshal(text, &argument); err == nil {
		argument.Check(&Checker{notes: &into})
	}
}

// notes are what was asked of each member, by its path ("members[].id").
type notes map[string]noted

type noted struct {
	schema Schema
	// required is whether the member cannot be left out, as far as it was asked for.
	required bool
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// note says what a check would have asked of a member; it gives false when the check is to be made. A required one was asked for what it does not have when it is left out.
func (c *Checker) note(field string, required bool, schema Schema) bool {
	if c.notes == nil {
		return false
	}
	if strings.IndexByte(field, '[') >= 0 {
		field = index.ReplaceAllString(field, "[]")
	}
	known := (*c.notes)[field]
	known.required = known.required || required
	known.schema = merged(known.schema, schema)
	(*c.notes)[field] = known
	return true
}

// merged is what both ask; where they ask differently, what the first does. Of words, those that one of them takes.
func merged(a, b Schema) Schema {
	for _, word := range b.Enum {
		if a.Enum != nil && !slices.Contains(a.Enum, word) {
			a.Enum = append(slices.Clone(a.Enum), word)
		}
	}
	if a.Ref != "" && b.Ref != "" && a.Ref != b.Ref {
		panic("a member is asked to be " + a.Ref + " and " + b.Ref + ": make it a form of its own")
	}
	first, second := reflect.ValueOf(&a).Elem(), reflect.ValueOf(b)
	for i := range first.NumField() {
		if first.Field(i).IsZero() {
			first.Field(i).Set(second.Field(i))
		}
	}
	return a
}

// shape is the structure of a value, as its type says.
type shape struct {
	kind    shapeKind
	name    string // of an object that has a type of its own in records
	members []member
	item    *shape
}

type member struct {
	name string
	shape
}

type shapeKind int

const (
	wordShape shapeKind = iota
	timeShape
	numberShape
	flagShape
	listShape
	objectShape
)

func shapeOf(t reflect.Type) shape {
	if t.Kind() == reflect.Pointer {
		return shapeOf(t.Elem())
	}
	if t == reflect.TypeFor[records.Time]() {
		return shape{kind: timeShape}
	}
	switch t.Kind() {
	case reflect.Int64:
		return shape{kind: numberShape}
	case reflect.Bool:
		return shape{kind: flagShape}
	case reflect.Slice:
		item := shapeOf(t.Elem())
		return shape{kind: listShape, item: &item}
	case reflect.Struct:
		s := shape{kind: objectShape, members: membersOf(t)}
		if t.PkgPath() == reflect.TypeFor[records.Time]().PkgPath() {
			s.name = t.Name()
		}
		return s
	}
	return shape{kind: wordShape}
}

func membersOf(t reflect.Type) []member {
	var members []member
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			members = append(members, membersOf(field.Type)...)
		case name != "" && name != "-":
			members = append(members, member{name, shapeOf(field.Type)})
		}
	}
	return members
}

// describing finds out what is asked of an argument.
type describing struct {
	shape shape
	notes notes
	// needed are the members that cannot be left out of what they belong to; containers those that are lists or objects.
	needed, containers map[string]bool
}

func (d *describing) try(check func(sample any)) {
	d.needed, d.containers = map[string]bool{}, map[string]bool{}
	d.shape.walk("", func(path string, s shape) { d.containers[path] = s.kind == listShape || s.kind == objectShape })
	probe := func(sample any) notes {
		before := d.notes
		d.notes = notes{}
		check(sample)
		found := d.notes
		d.notes = before
		for path, n := range found {
			d.notes[path] = noted{merged(d.notes[path].schema, n.schema), false}
		}
		return found
	}
	empty := probe(d.shape.sample("", sampling{}))
	paths := d.shape.paths("")
	variants := func(without string) []notes {
		words := maps.Clone(d.notes)
		found := []notes{probe(d.shape.sample("", sampling{full: true, words: words, without: without}))}
		for _, path := range slices.Sorted(maps.Keys(words)) {
			for _, word := range words[path].schema.Enum {
				found = append(found, probe(d.shape.sample("", sampling{full: true, words: words, without: without, at: path, word: word})))
			}
		}
		return found
	}
	variants("") // what a word brings up may have words of its own
	for _, path := range paths {
		full := probe(d.shape.sample("", sampling{full: true, words: maps.Clone(d.notes), without: path}))
		if _, required := missed(full, path); !required {
			continue // what another member can stand for is not asked for when that is there
		}
		without := empty
		if d.isContainer(path) {
			without = probe(d.shape.sample("", sampling{without: path}))
		}
		if asked, required := missed(without, path); asked {
			d.needed[path] = required
			continue
		}
		d.needed[path] = !slices.ContainsFunc(variants(path), func(found notes) bool {
			_, required := missed(found, path)
			return !required
		})
	}
}

// missed tells whether a check came to a member that was left out, or to what belongs to it, and whether it cannot do without.
func missed(found notes, path string) (asked, required bool) {
	for at, n := range found {
		if at == path || strings.HasPrefix(at, path+".") {
			asked, required = true, required || n.required
		}
	}
	return asked, required
}

func (d *describing) isContainer(path string) bool { return d.containers[path] }

// sampling says which sample is wanted.
type sampling struct {
	// without is the path of a list or object that is left out.
	without string
	// full is whether single values are there.
	full bool
	// words are the words that are known for members; at and word say which of them one has.
	words    notes
	at, word string
}

// sample makes a value of the shape, as JSON has it; nil leaves it out.
func (s shape) sample(path string, w sampling) any {
	if path != "" && path == w.without {
		return nil
	}
	switch s.kind {
	case listShape:
		item := s.item.sample(path+"[]", w)
		if item == nil && !w.full { // a list of single values
			item = s.item.empty()
		}
		return []any{item}
	case objectShape:
		object := map[string]any{}
		for _, m := range s.members {
			if value := m.sample(join(path, m.name), w); value != nil {
				object[m.name] = value
			}
		}
		return object
	}
	if !w.full {
		return nil
	}
	if s.kind == wordShape {
		words := w.words[path].schema.Enum
		switch {
		case path == w.at && w.word != "":
			return w.word
		case len(words) > 0:
			return words[0]
		}
	}
	return s.filled()
}

// empty is the single value that says nothing.
func (s shape) empty() any {
	if s.kind == wordShape {
		return ""
	}
	return s.filled()
}

func (s shape) filled() any {
	switch s.kind {
	case timeShape:
		return "2026-11-24T10:50:10Z"
	case numberShape:
		return 1
	case flagShape:
		return true
	}
	return "x"
}

// walk visits the members below a shape, each with its path; the items of a list are visited too when they have members.
func (s shape) walk(path string, visit func(path string, s shape)) {
	if s.item != nil {
		s.item.walk(path+"[]", visit)
	}
	for _, m := range s.members {
		at := join(path, m.name)
		visit(at, m.shape)
		m.walk(at, visit)
	}
}

// paths lists the members below a shape.
func (s shape) paths(path string) []string {
	var paths []string
	s.walk(path, func(path string, _ shape) { paths = append(paths, path) })
	return paths
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// schema puts together what is known of a shape.
func (d *describing) schema(s shape, path string, definitions map[string]*Schema) *Schema {
	schema := d.notes[path].schema
	switch s.kind {
	case listShape:
		schema.Type, schema.Items = "array", d.schema(*s.item, path+"[]", definitions)
	case objectShape:
		return d.object(s, path, definitions)
	case timeShape:
		schema = Schema{Ref: refTo("time")}
	case numberShape:
		schema.Type = "integer"
	case flagShape:
		schema.Type = "boolean"
	case wordShape:
		if schema.Ref == "" {
			schema.Type = "string"
		}
	}
	return &schema
}

func (d *describing) object(s shape, path string, definitions map[string]*Schema) *Schema {
	object := &Schema{Type: "object", Properties: map[string]*Schema{}, AdditionalProperties: pointer(false)}
	for _, m := range s.members {
		at := join(path, m.name)
		object.Properties[m.name] = d.schema(m.shape, at, definitions)
		if d.needed[at] {
			object.Required = append(object.Required, m.name)
		}
	}
	slices.SortFunc(object.Required, cmp.Compare)
	if s.name == "" {
		return object
	}
	standing, taken := definitions[s.name]
	if !taken {
		definitions[s.name] = object
	} else if !reflect.DeepEqual(standing, object) {
		return object
	}
	return &Schema{Ref: refTo(s.name)}
}
