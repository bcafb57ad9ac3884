//! Texts as they come and go: clauses of a language at random, the same in every run.

use bytes::BytesMut;
use wirework::Encoding;
use wirework::core::{EncodePolicy, TextEncoding};

/// What the texts are made of.
#[derive(Clone, Copy)]
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    clauses: &'static [&'static str],
    /// What stands between two clauses of a sentence, and what ends it.
    marks: [&'static str; 2],
    /// Whether the clauses are fields of records whose other fields are ASCII.
    records: bool,
}

impl Corpus {
    /// Texts of `len` bytes each in this encoding, or less by a part of a character, and of `total` bytes or one text.
    pub(crate) fn texts(self, encoding: Encoding, len: usize, total: usize) -> Vec<String> {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let mut characters = std::iter::repeat_with(|| self.some(&mut random))
            .flat_map(|some| some.chars().collect::<Vec<_>>())
            .peekable();
        let text = |_| {
            let mut text = String::new();
            let mut room = len;
            while let Some(character) = characters.next_if(|character| width(encoding, *character) <= room) {
                room -= width(encoding, character);
                text.push(character);
            }
            text
        };
        (0..(total / len).max(1)).map(text).collect()
    }

    /// A sentence or a record.
    fn some(self, random: &mut Random) -> String {
        let number = random.below(1_000_000);
        let [comma, stop] = self.marks;
        let mut clause = || self.clauses[random.below(self.clauses.len())];
        if self.records {
            return format!(
                "2026-11-25T10:04:31Z;{number:06};{};{}.50;OK;{};gw-07.example\n",
                clause(),
                number / 100,
                clause()
            );
        }
        match number % 4 {
            0 => format!("{}{stop}", clause()),
            1 => format!("{}{comma}{}{stop}", clause(), clause()),
            2 => format!("{}{comma}{}{comma}{}{stop}", clause(), clause(), clause()),
            _ => format!("{}{number}{comma}{}{stop}\n", clause(), clause()),
        }
    }
}

fn width(encoding: Encoding, character: char) -> usize {
    let mut out = BytesMut::new();
    encoding.encode(character.encode_utf8(&mut [0; 4]), EncodePolicy::Error, &mut out).unwrap();
    out.len()
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }
}

pub(crate) const ENGLISH: Corpus = Corpus {
    name: "English",
    clauses: &[
        "the payment was received",
        "please confirm your address",
        "train G1024 departs from platform 7",
        "the parcel is on its way",
        "he reads the newspaper every morning",
        "account 6222 0210 has been credited",
        "temperature 36.7 and rising",
        "no further action is needed",
        "the meeting moves to Thursday afternoon",
        "see https://www.example.com/orders?id=42",
        "all seats are taken",
        "the server restarts at midnight",
    ],
    marks: [", ", ". "],
    records: false,
};

pub(crate) const CHINESE: Corpus = Corpus {
    name: "Chinese",
    clauses: &[
        "北京市朝阳区建国路八十八号",
        "您的订单已经发货",
        "请在三个工作日内确认收货地址",
        "张伟先生于昨日下午抵达上海虹桥机场",
        "中国人民银行公布了最新的汇率",
        "今天天气晴朗",
        "气温在零下五度到八度之间",
        "列车因暴雨晚点约四十分钟",
        "感谢您对我们工作的支持与理解",
        "患者自述头痛发热三天",
        "建议复查血常规",
        "余额不足，交易失败",
        "陶喆与镕基在堃厦签署了合同",
        "倈字与僜字都是生僻字",
        "東京大學图书馆藏书丰富",
        "设备编号与出厂日期不符",
        "沪深两市成交量明显放大",
        "春风又绿江南岸",
        "明月何时照我还",
        "货物已由深圳海关放行",
        "车辆偏离预定路线",
        "驾驶员疲劳驾驶报警",
        "学而时习之不亦说乎",
        "请勿将验证码告诉他人",
    ],
    marks: ["，", "。"],
    records: false,
};

pub(crate) const TRADITIONAL: Corpus = Corpus {
    name: "Chinese",
    clauses: &[
        "臺北市信義區市府路四十五號",
        "您的訂單已經出貨",
        "請於三個工作天內確認收件地址",
        "張偉先生昨日下午抵達桃園國際機場",
        "中央銀行公布了最新的匯率",
        "今天天氣晴朗",
        "氣溫在十五度到二十二度之間",
        "列車因豪雨誤點約四十分鐘",
        "感謝您對我們工作的支持與理解",
        "患者自述頭痛發燒三天",
        "建議複查血液常規",
        "餘額不足，交易失敗",
        "功能許可與育成中心",
        "香港特別行政區政府總部",
        "設備編號與出廠日期不符",
        "股市成交量明顯放大",
        "春風又綠江南岸",
        "明月何時照我還",
        "貨物已由基隆海關放行",
        "車輛偏離預定路線",
        "學而時習之不亦說乎",
        "請勿將驗證碼告訴他人",
    ],
    marks: ["，", "。"],
    records: false,
};

pub(crate) const JAPANESE: Corpus = Corpus {
    name: "Japanese",
    clauses: &[
        "東京都千代田区丸の内一丁目",
        "ご注文ありがとうございます",
        "商品は明日の午前中にお届けする予定です",
        "田中さんはきのう大阪から新幹線で帰りました",
        "ポイントカードをお持ちですか",
        "ソフトウェアの更新が完了しました",
        "パスワードを入力してください",
        "本日の天気は晴れのち曇り",
        "最高気温は二十三度の見込み",
        "お客様の口座に入金がありました",
        "サーバーへの接続に失敗しました",
        "この先工事中につき通行止め",
        "患者は三日前から発熱と頭痛を訴えている",
        "表示された番号をメモしてください",
        "吾輩は猫である",
        "名前はまだ無い",
        "十時発のひかり号は満席です",
        "キャンペーンの応募は締め切りました",
        "能登半島の沖合で地震が発生しました",
        "予約番号と電話番号をお知らせください",
    ],
    marks: ["、", "。"],
    records: false,
};

pub(crate) const KOREAN: Corpus = Corpus {
    name: "Korean",
    clauses: &[
        "서울특별시 종로구 세종대로 백칠십오번지",
        "주문하신 상품이 발송되었습니다",
        "영업일 기준 삼일 안에 주소를 확인해 주십시오",
        "김민수 씨는 어제 오후 부산에서 돌아왔다",
        "한국은행이 새로운 환율을 발표했다",
        "오늘은 맑고 바람이 약하겠습니다",
        "낮 최고 기온은 이십삼도입니다",
        "열차가 폭우로 사십분 지연되고 있습니다",
        "비밀번호를 입력하십시오",
        "잔액이 부족하여 거래가 취소되었습니다",
        "환자는 사흘 전부터 두통과 발열을 호소한다",
        "서버에 연결할 수 없습니다",
        "인증번호를 다른 사람에게 알려 주지 마십시오",
        "차량이 예정된 경로를 벗어났습니다",
        "동해물과 백두산이 마르고 닳도록",
        "감사합니다 안녕히 가십시오",
    ],
    marks: [", ", ". "],
    records: false,
};

/// Records of ASCII with some Chinese fields.
pub(crate) const MIXED_CHINESE: Corpus = Corpus { name: "mixed", records: true, ..CHINESE };
/// The same with traditional characters.
pub(crate) const MIXED_TRADITIONAL: Corpus = Corpus { name: "mixed", records: true, ..TRADITIONAL };
/// The same in Japanese.
pub(crate) const MIXED_JAPANESE: Corpus = Corpus { name: "mixed", records: true, ..JAPANESE };
/// The same in Korean.
pub(crate) const MIXED_KOREAN: Corpus = Corpus { name: "mixed", records: true, ..KOREAN };
