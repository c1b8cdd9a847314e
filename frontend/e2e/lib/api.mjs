// The JSON API, to bring a case into the state that a browser test is about.
import { password } from './service.mjs';
import { until } from './until.mjs';

async function call(service, method, path, { body, headers = {}, want }) {
  const response = await fetch(service.url + path, {
    method,
    headers: { 'Accept-Language': 'vi', ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== want) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return { ...JSON.parse(text), etag: response.headers.get('etag') };
}

// Parts of sentences. What tests send must read like different letters, or it
// is taken for copies of one.
const parts = [
  ['Trường làng', 'Tổ hợp tác', 'Trạm y tế', 'Đội văn nghệ', 'Hợp tác xã muối', 'Ban quản lý chợ', 'Câu lạc bộ cờ', 'Xưởng mộc', 'Hội làm vườn', 'Bến phà', 'Nhà trẻ'],
  ['chưa có', 'rất thiếu', 'cần sửa', 'muốn thuê', 'đang mượn', 'đề nghị cấp', 'xin dùng chung', 'tự chế được', 'hay mất', 'cần học cách dùng', 'vừa hỏng'],
  ['máy đo gió', 'lịch thủy triều', 'bảng chữ nổi', 'kính hiển vi', 'cân điện tử', 'loa cầm tay', 'giống lúa mới', 'bơm năng lượng mặt trời', 'bản đồ sạt lở', 'phần mềm kế toán', 'xe lăn'],
  ['từ mùa mưa', 'suốt ba năm', 'mỗi sáng thứ bảy', 'ở cuối thôn', 'dọc bờ kênh', 'trên đỉnh dốc', 'giữa hai huyện cũ', 'sau cơn bão', 'vào dịp hè', 'lúc nông nhàn', 'gần biên giới'],
];

/** Four sentences that depend on the title alone. */
function prose(title) {
  let seed = 7;
  for (const letter of title) seed = (seed * 31 + letter.codePointAt(0)) % 1_000_003;
  const pick = (list) => {
    seed = (seed * 48_271 + 11) % 1_000_003;
    return list[seed % list.length];
  };
  return Array.from({ length: 4 }, () => `${parts.map(pick).join(' ')}.`).join(' ');
}

/** A submission as a citizen sends it; more replaces parts of it. */
export function draft(title, more = {}) {
  return {
    kind: 'initiative',
    title,
    // Addressed to the ministry, so that a rule routes it there.
    body: `Kính gửi Bộ Khoa học và Công nghệ. ${prose(title)}`,
    submitter: { type: 'person', name: 'Nguyễn Thị Lan' },
    consent: { terms: true, publish_name: false },
    ...more,
  };
}

/** Sends a submission; the answer has code, tracking_secret and tracking_token. */
export function submit(service, submission) {
  return call(service, 'POST', '/api/v1/submissions', { body: submission, want: 201 });
}

/** A member of staff who works through the API. */
export class Desk {
  #service;
  #token;

  static async open(service, email) {
    const desk = new Desk();
    desk.#service = service;
    const session = await call(service, 'POST', '/api/v1/staff/sessions', { body: { email, password }, want: 201 });
    desk.#token = { Authorization: `Bearer ${session.token}` };
    return desk;
  }

  /** The case as this person sees it. */
  see(code) {
    return call(this.#service, 'GET', `/api/v1/staff/submissions/${code}`, { headers: this.#token, want: 200 });
  }

  /**
   * How many new submissions have a title, those that were joined to another
   * among them. It counts in the database, which knows at once.
   */
  async count(title) {
    const params = new URLSearchParams({ sort: 'newest', per_page: 100 });
    for (const state of ['received', 'triage', 'assigned', 'merged']) params.append('status', state);
    const { items } = await call(this.#service, 'GET', `/api/v1/staff/queue?${params}`, { headers: this.#token, want: 200 });
    return items.filter((item) => item.title === title).length;
  }

  /** Waits until the case is matched and routed, which is where staff take over. */
  settled(code) {
    return until(async () => {
      const seen = await this.see(code);
      return seen.status !== 'received' && seen;
    }, `${code} is matched and routed`);
  }

  /** Does one thing to the case as it is now. */
  async act(code, action, body = {}) {
    const { etag } = await this.see(code);
    return call(this.#service, 'POST', `/api/v1/staff/submissions/${code}/${action}`, {
      body, headers: { ...this.#token, 'If-Match': etag }, want: 200,
    });
  }
}

/** Ministry of the demo's officer and approver. */
export const ministry = 'bo-khoa-hoc-cong-nghe';

/** What an officer of these tests answers. */
export const answer = 'Bộ Khoa học và Công nghệ tiếp thu đề xuất. Việc thử nghiệm bắt đầu trong quý tới và kết quả được công bố.';

/**
 * Brings a new submission to a state: triage, assigned, in_progress, in_review,
 * answered (published), rejected, or merged where the text is one that was sent
 * before. Returns what its sender was told.
 */
export async function caseIn(service, state, submission) {
  const [coordinator, officer, approver] = await Promise.all(
    ['coordinator', 'officer', 'approver'].map((who) => Desk.open(service, `${who}@demo.test`)),
  );
  const sent = await submit(service, submission);
  const { status } = await coordinator.settled(sent.code);
  if (status === state) return sent;
  if (state === 'rejected') {
    await coordinator.act(sent.code, 'reject', { reason_code: 'out_of_scope', message: 'Nội dung này thuộc thẩm quyền của Tòa án nhân dân.' });
    return sent;
  }
  if (state === 'triage' && status === 'assigned') await officer.act(sent.code, 'hand-back', { reason: 'Việc này thuộc cơ quan khác.' });
  if (state === 'triage') return sent;
  const asked = state === 'awaiting_citizen';
  if (status === 'triage') await coordinator.act(sent.code, 'assign', { agency: ministry });
  const steps = [
    ['assigned', () => {}],
    ['in_progress', () => officer.act(sent.code, 'accept')],
    ['in_review', () => officer.act(sent.code, 'draft-answer', { text: answer, outcome: 'accepted', submit: true })],
    ['answered', () => approver.act(sent.code, 'approve', { publish: true })],
  ];
  for (const [reached, step] of steps) {
    await step();
    if (reached === state) return sent;
    if (reached === 'in_progress' && asked) {
      await officer.act(sent.code, 'request-information', { message: 'Việc này ở xã nào, từ khi nào?' });
      return sent;
    }
  }
  throw new Error(`no way to ${state} is known`);
}
