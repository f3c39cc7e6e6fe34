package usage

import "encoding/json"

// TagText returns the tags as JSON in order of their names, so that equal tags
// are equal texts; "" for none.
func TagText(tags map[string]string) string {
	if len(tags) == 0 {
		return ""
	}
	b, _ := json.Marshal(tags) // strings always marshal, and maps in order of their keys
	return string(b)
}
