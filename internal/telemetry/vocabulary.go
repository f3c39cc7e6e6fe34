package telemetry

import "sync"

// vocabulary keeps label values that come from outside from becoming many: it
// admits words made of letters and underscores, up to a number of them. AWS's error
// codes are such words, and few; what a broken proxy sends need not be.
type vocabulary struct {
	mu    sync.Mutex
	words map[string]bool
}

// otherWord stands for every word that is not admitted.
const otherWord = "other"

func (v *vocabulary) admit(word string) string {
	const most = 64
	if !isWord(word) {
		return otherWord
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.words[word] {
		return word
	}
	if len(v.words) == most {
		return otherWord
	}
	if v.words == nil {
		v.words = map[string]bool{}
	}
	v.words[word] = true
	return word
}

// isWord reports whether s is 1 to 64 letters, digits and underscores.
func isWord(s string) bool {
	const longest = 64
	for _, c := range []byte(s) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && (c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= longest
}
