package studio

import "strings"

// browser names what a User-Agent header says of itself, such as "Firefox on
// Windows"; what is not known is shown as it came. Every browser claims to be
// several others, so the order counts: the first that fits is the one.
func browser(agent string) string {
	name := named(agent, [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	})
	system := named(agent, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"},
	})
	if name == "" || system == "" {
		return agent
	}
	return name + " on " + system
}

// named is the name of the first sign that the text has.
func named(text string, signs [][2]string) string {
	for _, sign := range signs {
		if strings.Contains(text, sign[0]) {
			return sign[1]
		}
	}
	return ""
}
