package price

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

// regionPattern is what AWS's region codes look like.
var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

// name notes of what model a row is; an ARN is of one region too: its price would
// otherwise hold where AWS charges another.
func (r *reader) name(row *Row, named, region ast.Node) {
	id, ok := r.model(named)
	if !ok {
		return
	}
	a, isARN := id.ARN()
	if isARN && row.Region != "" && row.Region != a.Region {
		r.add(line(region), "region: %.40q is not that of the ARN, %s", row.Region, a.Region)
	}
	switch g := id.Geography(); {
	case isARN && !plainARN(a):
		row.Model = id.String() // nothing in another region has this name
		return
	case g != "":
		row.Model = g + "." + id.Base()
	default:
		row.Model = id.Base()
	}
	if isARN {
		row.Region = a.Region
	}
}

// region returns a region as it is written, or "" and notes why it is none.
func (r *reader) region(n ast.Node) string {
	text := r.text(n, "region")
	if text != "" && (len(text) > 32 || !regionPattern.MatchString(text)) {
		r.add(line(n), "region: %.40q is not a region such as eu-central-1", text)
		return ""
	}
	return text
}

// model returns the model whose price a row is. A misspelt one would silently
// price nothing, so the catalogue has to know it.
func (r *reader) model(n ast.Node) (id model.ID, ok bool) {
	text := r.text(n, "model")
	if text == "" {
		return model.ID{}, false
	}
	id, err := model.ParseID(text)
	if a, isARN := id.ARN(); err == nil && (!isARN || plainARN(a)) {
		_, err = model.Find(id, "")
	}
	if err != nil {
		r.add(line(n), "model: %s", fault.From(err).Sentence())
		return model.ID{}, false
	}
	return id, true
}
