package notices

import (
	"strings"

	"hienke/internal/civic"
)

// shortLetters is the most that two parts of a short message hold in letters
// outside of the Latin alphabet of 1985 (UCS-2, GSM 03.40).
const shortLetters = 2 * 67

// shorts are what a telephone gets: the code and a date. Never the secret and
// never a word of the text, for the phone may lie on a table.
var shorts = map[civic.Language]map[civic.MessageKind]string{
	civic.Vietnamese: {
		civic.MessageReceipt:  "Hiến Kế: đã tiếp nhận ý kiến của ông/bà, mã {code}. Hạn trả lời: {due}.",
		civic.MessageQuestion: "Hiến Kế: cơ quan cần ông/bà bổ sung thông tin cho hồ sơ {code} trước ngày {reply}. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageReminder: "Hiến Kế: nhắc ông/bà bổ sung thông tin cho hồ sơ {code} trước ngày {reply}.",
		civic.MessageDelayed:  "Hiến Kế: hạn trả lời hồ sơ {code} được gia hạn đến {due}.",
		civic.MessageLate:     "Hiến Kế: hồ sơ {code} chưa được trả lời đúng hạn {due}. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageAnswer:   "Hiến Kế: hồ sơ {code} đã có trả lời. Xem ở mục Theo dõi hồ sơ, hoặc hỏi nơi tiếp nhận.",
		civic.MessageRejected: "Hiến Kế: hồ sơ {code} không được thụ lý. Lý do ở mục Theo dõi hồ sơ, hoặc hỏi nơi tiếp nhận.",
		civic.MessageMoved:    "Hiến Kế: hồ sơ {code} có bước mới. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageCode:     "Hiến Kế: mã hồ sơ {code}. Mã bí mật không gửi qua tin nhắn; xin hỏi nơi tiếp nhận.",
	},
	civic.English: {
		civic.MessageReceipt:  "Hiến Kế: your submission was received, code {code}. Answer due: {due}.",
		civic.MessageQuestion: "Hiến Kế: the agency needs to know more about {code} before {reply}. See Follow a case.",
		civic.MessageReminder: "Hiến Kế: a reminder that your reply on {code} is awaited before {reply}.",
		civic.MessageDelayed:  "Hiến Kế: the answer to {code} is now due by {due}.",
		civic.MessageLate:     "Hiến Kế: the answer to {code} was due by {due} and is late. See Follow a case.",
		civic.MessageAnswer:   "Hiến Kế: {code} has been answered. See Follow a case, or ask where you handed it in.",
		civic.MessageRejected: "Hiến Kế: {code} cannot be handled here. See Follow a case for the reason.",
		civic.MessageMoved:    "Hiến Kế: there is a new step in {code}. See Follow a case.",
		civic.MessageCode:     "Hiến Kế: your code is {code}. The secret is not sent to telephones; please ask the office.",
	},
}

// short writes what goes to a telephone.
func short(kind civic.MessageKind, lang civic.Language, l letter) string {
	text, ok := shorts[lang][kind]
	if !ok {
		text = shorts[lang][civic.MessageMoved]
	}
	return strings.NewReplacer("{code}", l.Code, "{due}", l.DueOn, "{reply}", l.ReplyBy).Replace(text)
}
