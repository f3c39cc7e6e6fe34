package audit

import (
	"maps"
	"slices"
	"strings"
)

// Changed is what an event tells of a thing that was changed: "changed" names its
// fields that are others now, and "old.FIELD" and "new.FIELD" are their values,
// "" where there is none. It is empty when nothing changed.
func Changed(before, after map[string]string) map[string]string {
	names := maps.Clone(before)
	maps.Copy(names, after)
	details := map[string]string{}
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			changed = append(changed, name)
			details["old."+name], details["new."+name] = before[name], after[name]
		}
	}
	if len(changed) > 0 {
		details["changed"] = strings.Join(changed, ",")
	}
	return details
}
