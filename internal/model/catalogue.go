package model

import (
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// Families returns the catalogue. A new family is a file of its own and a line here.
func Families() []*Family {
	return []*Family{
		titanTextV2(),
		titanTextV1(),
		titanMultimodal(),
		cohereV3(),
		cohereV4(),
		nova(),
	}
}

// Find returns the family of an id. An ARN that does not tell its model needs
// familyName; for every other id familyName must be empty or agree.
func Find(id ID, familyName string) (*Family, error) {
	families := Families()
	if id.Opaque() {
		return findByName(families, id, familyName)
	}
	f := byBase(families, id.Base())
	switch {
	case f == nil && familyName != "" && isCustom(id):
		return findByName(families, id, familyName)
	case f == nil:
		return nil, fault.New(fault.Config, "Adit knows no embedding model %q", id.Base()).
			WithCode("unknown_model_id").WithRemedy("%s", suggest(families, id.Base()))
	case familyName != "" && familyName != f.Name:
		return nil, fault.New(fault.Config, "%s belongs to the family %s, not %s", id.Base(), f.Name, familyName).
			WithCode("model_family").WithRemedy("Leave model_family out: the id tells it.")
	}
	return f, nil
}

func isCustom(id ID) bool {
	a, ok := id.ARN()
	return ok && a.Type == "custom-model"
}

func byBase(families []*Family, base string) *Family {
	for _, f := range families {
		if slices.Contains(f.IDs, base) {
			return f
		}
	}
	return nil
}

func findByName(families []*Family, id ID, name string) (*Family, error) {
	names := make([]string, len(families))
	for i, f := range families {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	all := strings.Join(names, ", ")
	if name == "" {
		return nil, fault.New(fault.Config, "%s does not tell which model is behind it", id).
			WithCode("model_family").WithRemedy("Set model_family to one of: %s.", all)
	}
	return nil, fault.New(fault.Config, "there is no model family %q", name).
		WithCode("model_family").WithRemedy("Families: %s.", all)
}

// suggest names the nearest id, or all of them where none is near.
func suggest(families []*Family, id string) string {
	best, distance := "", 8
	var all []string
	for _, f := range families {
		for _, known := range f.IDs {
			all = append(all, known)
			if strings.HasPrefix(known, id+":") { // only the version is missing
				return "Did you mean " + known + "?"
			}
			if d := editDistance(id, known); d < distance {
				best, distance = known, d
			}
		}
	}
	if best != "" {
		return "Did you mean " + best + "?"
	}
	return "Known: " + strings.Join(all, ", ") + "."
}

// editDistance is Levenshtein's: how many letters to add, drop or change.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
