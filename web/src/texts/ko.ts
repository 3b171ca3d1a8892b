// SPDX-License-Identifier: MIT
import board from './ko/board.json';
import call from './ko/call.json';
import chat from './ko/chat.json';
import common from './ko/common.json';
import music from './ko/music.json';
import page from './ko/page.json';
import people from './ko/people.json';
import room from './ko/room.json';
import study from './ko/study.json';

export default { ...common, ...chat, ...room, ...people, ...page, ...study, ...call, ...music, ...board };
