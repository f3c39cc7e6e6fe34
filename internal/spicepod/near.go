package spicepod

import "strings"

// nearest returns the candidate that word was most likely meant to be, or ""
// when none is near: up to a third of its letters may differ. Case does not
// count, nor the difference between - and _.
func nearest(word string, candidates []string) string {
	if len(word) == 0 || len(word) > 128 {
		return ""
	}
	best, least := "", len(word)
	for _, c := range candidates {
		if c == word {
			return ""
		}
		d := editDistance(plain(word), plain(c))
		if d <= max(1, max(len(word), len(c))/3) && d < len(c) && d < least {
			best, least = c, d
		}
	}
	return best
}

func plain(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

// editDistance counts the letters to add, drop, change or swap with their
// neighbour that make a into b (optimal string alignment).
func editDistance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			d := min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
