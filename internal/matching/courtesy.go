package matching

import (
	"strings"

	"hienke/internal/vitext"
)

// phrase is a sequence of words that carries no request.
type phrase struct {
	words   []token
	becomes string // what is read in its place, nothing if empty
	closing bool   // a name may follow it as a signature
}

// request is what all ways of saying "I propose" are read as. It is no word,
// so that nothing else equals it.
const request = "=>"

// phrases lists what is read past, by the folded first word, longest first.
var phrases = makePhrases()

func makePhrases() map[string][]phrase {
	var all []phrase
	each := func(p phrase, parts ...[]string) { all = append(all, combine(p, parts)...) }
	addressees := []string{"quý cơ quan", "quý cấp", "quý ban", "quý bộ", "quý vị", "quý anh chị", "anh chị", "các anh chị", "các bác", "các đồng chí",
		"ban biên tập", "ban quản trị", "ad", "admin", "cơ quan chức năng", "các cơ quan chức năng", "cơ quan có thẩm quyền", "các cấp lãnh đạo", "toàn thể quý vị"}
	each(phrase{}, []string{"kính gửi", "kính thưa", "kính chào", "xin chào", "xin kính chào", "thưa", "chào", "gửi", "em chào", "tôi xin chào", "tôi chào", "dạ em chào"}, addressees)
	each(phrase{}, []string{"kính gửi", "kính thưa", "kính chào", "xin chào", "xin kính chào"})
	each(phrase{}, []string{"", "xin", "tôi xin", "em xin", "chúng tôi xin", "chân thành", "xin chân thành", "tôi xin chân thành", "em xin chân thành", "chúng tôi xin chân thành",
		"trân trọng", "xin trân trọng", "tôi xin trân trọng", "em xin trân trọng", "chúng tôi xin trân trọng", "tôi", "em", "rất", "một lần nữa xin"},
		[]string{"cảm ơn", "cám ơn"},
		[]string{"", "nhiều", "rất nhiều", "ạ", "quý cơ quan", "quý vị", "anh chị", "các anh chị", "ad", "đã đọc", "đã lắng nghe", "quý cơ quan đã đọc", "quý cơ quan đã lắng nghe", "quý cơ quan đã quan tâm"})
	each(phrase{becomes: request}, []string{"", "tôi", "em", "chúng tôi", "chúng em", "xin", "tôi xin", "em xin", "chúng tôi xin", "kính", "tôi kính", "rất", "tôi rất",
		"chúng tôi rất", "tha thiết", "tôi tha thiết", "trân trọng", "xin được", "tôi xin được"},
		[]string{"đề nghị", "kiến nghị", "đề xuất", "mong", "mong muốn", "mong rằng", "muốn"})
	each(phrase{}, []string{"", "rất", "kính", "tôi", "tôi rất", "chúng tôi"}, []string{"mong"},
		[]string{"sớm nhận được phản hồi", "nhận được phản hồi", "sớm được phản hồi", "sớm được trả lời", "quý cơ quan xem xét", "quý cơ quan quan tâm", "quý cơ quan quan tâm xem xét",
			"được quan tâm", "được xem xét", "được quan tâm xem xét", "sớm nhận được hồi âm", "các cấp quan tâm", "anh chị xem xét"})
	each(phrase{}, []string{"vì vậy", "vì thế", "do đó", "do vậy", "bởi vậy", "chính vì vậy", "cho nên", "hết sức", "vô cùng", "thật sự", "thực sự"})
	each(phrase{closing: true}, []string{"trân trọng", "trân trọng kính chào", "kính thư", "kính đơn", "xin trân trọng kính chào", "người viết", "người viết đơn", "người làm đơn",
		"người gửi", "người kiến nghị", "người đề nghị", "người phản ánh", "ký tên"})
	each(phrase{}, []string{"dear sir or madam", "dear sir", "dear madam", "dear sirs", "to whom it may concern", "thank you", "thank you very much", "thank you for reading",
		"many thanks", "yours faithfully", "yours sincerely", "kind regards", "best regards"})
	return index(all)
}

// combine makes a phrase of every way to take one part from each list.
func combine(p phrase, parts [][]string) []phrase {
	texts := []string{""}
	for _, choices := range parts {
		var longer []string
		for _, head := range texts {
			for _, tail := range choices {
				longer = append(longer, head+" "+tail)
			}
		}
		texts = longer
	}
	var out []phrase
	for _, text := range texts {
		p.words = nil
		for w := range strings.FieldsSeq(text) {
			p.words = append(p.words, token{exact: vitext.Respell(w), folded: vitext.Respell(vitext.Fold(w))})
		}
		out = append(out, p)
	}
	return out
}

func index(all []phrase) map[string][]phrase {
	byFirst := map[string][]phrase{}
	for _, p := range all {
		first := p.words[0].folded
		list := byFirst[first]
		at := 0
		for at < len(list) && len(list[at].words) >= len(p.words) {
			at++
		}
		byFirst[first] = append(list[:at:at], append([]phrase{p}, list[at:]...)...)
	}
	return byFirst
}

// withoutCourtesies reads past the phrases, the longest that fits first.
func withoutCourtesies(tokens []token) []token {
	kept := make([]token, 0, len(tokens))
	closing := false
	for i := 0; i < len(tokens); {
		p, found := phraseAt(tokens[i:])
		if !found {
			t := tokens[i]
			t.closing = closing
			kept = append(kept, t)
			closing = false
			i++
			continue
		}
		if p.becomes != "" {
			kept = append(kept, token{folded: p.becomes, exact: p.becomes})
		}
		closing = p.closing
		i += len(p.words)
	}
	return kept
}

// phraseAt returns the longest phrase at the head of tokens.
func phraseAt(tokens []token) (phrase, bool) {
	for _, p := range phrases[tokens[0].folded] {
		if len(p.words) <= len(tokens) && p.matches(tokens) {
			return p, true
		}
	}
	return phrase{}, false
}

func (p phrase) matches(tokens []token) bool {
	for i, w := range p.words {
		if t := tokens[i]; t.exact != w.exact && (!t.bare || t.folded != w.folded) {
			return false
		}
	}
	return true
}

// Words that may stand or not. Those for text without accents are fewer, since
// "thì" without its accent may be an examination.
var (
	fillers        = vocabulary("ạ thì cũng rất nhé rằng dạ vâng mà và")
	bareFillers    = vocabulary("rat")
	englishFillers = vocabulary("please very really also the")
)

// filler reports whether a word may be left out or put in.
func filler(t token, vietnamese bool) bool {
	switch {
	case !vietnamese:
		return englishFillers.exact[t.exact]
	case t.bare:
		return bareFillers.exact[t.folded]
	default:
		return fillers.exact[t.exact]
	}
}

// familyNames are the commonest ones that do not also begin the name of a
// province; Hồ is left out for Hồ Chí Minh, Cao for Cao Bằng.
var familyNames = vocabulary("nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ ngô dương lý đinh đoàn trịnh trương lương đào mai tô")

// signature reports whether what is left of a text is the name of who signed
// it: after a complimentary close, three to five words in capitals, the first a
// family name. The same letter without its signature is the same request; with
// another signature it is another person's.
func signature(rest []token) bool {
	if len(rest) < 3 || len(rest) > 5 || !rest[0].closing || !familyNames.has(rest[0]) {
		return false
	}
	for _, t := range rest {
		if !t.capital || t.number {
			return false
		}
	}
	return true
}
