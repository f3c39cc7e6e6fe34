package signin

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

const (
	minPassword = 12   // characters
	maxPassword = 1024 // bytes
	// minOwn is how many letters must be left when the words that everybody tries
	// first are taken out; words shorter than minWord are not looked for.
	minOwn  = 4
	minWord = 4
	// minDifferent is how many different characters there must be.
	minDifferent = 5
)

// checkPassword notes why a new password cannot be taken. Length is what counts
// (NIST SP 800-63B, 5.1.1.2): there is no rule of signs and digits, but what
// everybody tries first is refused.
func checkPassword(f *fault.Inputs, field, login string, password secret.String) {
	text := password.Reveal()
	switch {
	case !utf8.ValidString(text):
		f.Add(field, "the password is not valid text (UTF-8)")
	case utf8.RuneCountInString(text) < minPassword:
		f.Add(field, "the password is too short: it needs %d characters; a few words that do not belong together are good", minPassword)
	case len(text) > maxPassword:
		f.Add(field, "the password is too long: it has at most %d bytes", maxPassword)
	case guessable(login, text):
		f.Add(field, "the password is one of those that are tried first: a common word, a row of keys, or the login, with some digits; "+
			"take a few words that do not belong together")
	}
}

// guessable reports whether a password is among the first that are tried: few
// different characters, a row of the keyboard or the alphabet, or nothing but
// the login and common words with digits and signs around them.
func guessable(login, password string) bool {
	text := []rune(strings.ToLower(password))
	different := slices.Clone(text)
	slices.Sort(different)
	if len(slices.Compact(different)) < minDifferent || climbs(text) {
		return true
	}
	plain := make([]rune, len(text))
	for i, r := range text {
		plain[i] = unmasked(r)
	}
	covered, found := make([]bool, len(text)), false
	for _, word := range append(firstTried(), login) {
		runes := []rune(word)
		if len(runes) < minWord {
			continue
		}
		found = cover(covered, text, runes) || found
		found = cover(covered, plain, runes) || found
	}
	own := 0 // letters; digits and signs around a word are tried with it
	for i, r := range text {
		if !covered[i] && unicode.IsLetter(r) {
			own++
		}
	}
	return found && own < minOwn
}

// climbs reports whether most characters are the neighbours of those before them, as in abcdefghijkl.
func climbs(text []rune) bool {
	steps := 0
	for i := 1; i < len(text); i++ {
		if d := text[i] - text[i-1]; d >= -1 && d <= 1 {
			steps++
		}
	}
	return steps*3 >= len(text)*2
}

// cover marks where the word stands in the text.
func cover(covered []bool, text, word []rune) (found bool) {
	for i := 0; i+len(word) <= len(text); i++ {
		if !slices.Equal(text[i:i+len(word)], word) {
			continue
		}
		found = true
		for j := range word {
			covered[i+j] = true
		}
	}
	return found
}

// unmasked undoes the usual signs for letters.
func unmasked(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '!':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	}
	return r
}

// firstTried are the words that lists of leaked passwords begin with, longer ones before those within them.
func firstTried() []string {
	return []string{
		"administrator", "administrador", "superuser", "changeme", "changethis", "password", "passwort", "passw0rd", "motdepasse", "contraseña",
		"1q2w3e4r5t6y", "1qaz2wsx3edc", "1q2w3e4r", "1qaz2wsx", "qazwsxedc", "qwertyuiop", "qwertzuiop", "azertyuiop",
		"asdfghjkl", "zxcvbnm", "yxcvbnm", "qwerty", "qwertz", "azerty", "asdfgh", "zxcvbn",
		"abcdefghijklmnopqrstuvwxyz", "abcdefghijkl", "abcdefgh", "abcdef", "abcd",
		"01234567890", "1234567890", "0123456789", "123456789", "12345678", "1234567", "123456", "12345", "1234",
		"0987654321", "987654321", "87654321", "654321", "54321", "4321",
		"iloveyou", "letmein", "welcome", "willkommen", "bienvenue", "sunshine", "princess", "football", "baseball", "starwars",
		"superman", "batman", "dragon", "monkey", "master", "shadow", "trustno1", "freedom", "whatever", "computer", "internet",
		"adit", "admin", "root", "user", "login", "test", "guest", "hello", "hallo", "secret", "geheim", "default", "temp", "studio", "bedrock",
		"spring", "summer", "autumn", "winter", "frühling", "sommer", "herbst",
		"january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
	}
}
